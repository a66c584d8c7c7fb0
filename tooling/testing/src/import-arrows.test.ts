import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { packageOf, readImports, type Import } from './read-imports.ts'
import { listFiles, listPackages, listProductPackages, readText, type WorkspacePackage } from './workspace-files.ts'

/** The floors of the house, from the trunk up. Arrows go down only; a new package must be given its floor here. */
const FLOORS: readonly (readonly string[])[] = [
  ['@tidegate/core'],
  ['@tidegate/config', '@tidegate/duckdb', '@tidegate/storage', '@tidegate/state', '@tidegate/postgres'],
  ['@tidegate/parquet', '@tidegate/dq', '@tidegate/load', '@tidegate/monitor', '@tidegate/notify'],
  ['@tidegate/pipeline', '@tidegate/project', '@tidegate/dashboard'],
  ['@tidegate/server'],
  ['tidegate', 'tidegate-daemon'],
]

/**
 * The arrows inside a floor: the room that wires knows the order of the stages, one of two databases has a room of its own,
 * and the daemon brings the command line into its image (and imports nothing of it).
 */
const ARROWS_ON_ONE_FLOOR: ReadonlySet<string> = new Set([
  '@tidegate/project → @tidegate/pipeline',
  '@tidegate/state → @tidegate/postgres',
  'tidegate-daemon → tidegate',
])

/** What only one room may touch. */
const ONLY_IN: Readonly<Record<string, readonly string[]>> = {
  '@duckdb/node-api': ['@tidegate/duckdb'],
  kysely: ['@tidegate/state'],
  'better-sqlite3': ['@tidegate/state'],
  pg: ['@tidegate/postgres'],
  'pg-copy-streams': ['@tidegate/postgres'],
  yaml: ['@tidegate/config'],
  // Configuration and requests are checked by it, and both are published as JSON Schema.
  zod: ['@tidegate/config', '@tidegate/server'],
  yargs: ['tidegate'],
  fastify: ['@tidegate/server'],
  croner: ['@tidegate/server'],
  nodemailer: ['@tidegate/notify'],
}

/** Engine-free: a Session comes as an argument. */
const WITHOUT_ENGINE: ReadonlySet<string> = new Set([
  '@tidegate/parquet',
  '@tidegate/dq',
  '@tidegate/load',
  '@tidegate/pipeline',
])

/** Of the workspace's root, for every test. */
const TEST_TOOLS: ReadonlySet<string> = new Set(['vitest', 'fast-check'])

interface SourceFile {
  readonly file: string
  readonly owner: WorkspacePackage
  /** Tests, and what a bundle is made of: they may import what is only there for development. */
  readonly isTest: boolean
  readonly imports: readonly Import[]
}

const packages = listProductPackages()
const sources: readonly SourceFile[] = packages.flatMap((owner) => readSources(owner))
const product = sources.filter((source) => !source.isTest)

describe('every arrow between packages', () => {
  test('is declared in package.json', () => {
    const undeclared = arrows(sources, ({ file, owner, isTest }, name) => {
      const { dependencies, peerDependencies, devDependencies } = owner.json
      const declared = { ...dependencies, ...peerDependencies, ...(isTest ? devDependencies : {}) }
      const known = name in declared || name === owner.json.name || (isTest && TEST_TOOLS.has(name))
      return known ? undefined : `${file} imports ${name}`
    })
    expect(undeclared).toEqual([])
  })

  test('goes down a floor', () => {
    const wrong = packages.flatMap(({ json }) =>
      Object.keys(json.dependencies ?? {})
        .filter((name) => packages.some((other) => other.json.name === name))
        .filter((name) => floorOf(name) >= floorOf(json.name))
        .map((name) => `${json.name} → ${name}`)
        .filter((arrow) => !ARROWS_ON_ONE_FLOOR.has(arrow)),
    )
    expect(wrong).toEqual([])
  })

  test('leads to a public entry of the other package', () => {
    const inner = arrows(sources, ({ file }, name, specifier) => {
      const target = packages.find((other) => other.json.name === name)
      if (target === undefined) return undefined
      const entry = specifier === name ? '.' : `.${specifier.slice(name.length)}`
      return entry in (target.json.exports ?? {}) ? undefined : `${file} imports ${specifier}`
    })
    expect(inner).toEqual([])
  })
})

test('the engine, the database and the parsers are each known to one room', () => {
  const wrong = arrows(product, ({ file, owner }, name) => {
    const room = ONLY_IN[name]
    return room === undefined || room.includes(owner.json.name) ? undefined : `${file} imports ${name}`
  })
  expect(wrong).toEqual([])
})

test('the stages and the pipeline do not depend on an engine', () => {
  const wrong = packages
    .filter(({ json }) => WITHOUT_ENGINE.has(json.name) && '@tidegate/duckdb' in (json.dependencies ?? {}))
    .map(({ json }) => json.name)
  expect(wrong).toEqual([])
})

test('core imports nothing, not even of Node', () => {
  const wrong = product
    .filter(({ owner }) => owner.json.name === '@tidegate/core')
    .flatMap(({ file, imports }) =>
      imports
        .filter(({ specifier }) => !/^\.\.?\//.test(specifier))
        .map(({ specifier }) => `${file} imports ${specifier}`),
    )
  expect(wrong).toEqual([])
})

test('no file leaves its package by a relative path', () => {
  const wrong = relativeArrows(sources)
    .filter(({ from, to }) => !to.startsWith(`${from.owner.folder}/src/`))
    .map(({ from, to }) => `${from.file} imports ${to}`)
  expect(wrong).toEqual([])
})

test('no file of a package imports its own front door', () => {
  const byPath = relativeArrows(product)
    .filter(({ from, to }) => to === `${from.owner.folder}/src/index.ts`)
    .map(({ from, to }) => `${from.file} imports ${to}`)
  const byName = arrows(product, ({ file, owner }, name) =>
    name === owner.json.name ? `${file} imports ${name}` : undefined,
  )
  expect([...byPath, ...byName]).toEqual([])
})

test('no file imports itself through others', () => {
  const next = new Map<string, string[]>()
  for (const { from, to, typeOnly } of relativeArrows(sources))
    if (!typeOnly) next.set(from.file, [...(next.get(from.file) ?? []), to])
  expect(findCycle(next)).toBeUndefined()
})

test('tooling declares what it imports, too', () => {
  const tooling = listPackages('tooling').flatMap((owner) => readSources(owner))
  const undeclared = arrows(tooling, ({ file, owner, isTest }, name) => {
    const declared = { ...owner.json.dependencies, ...owner.json.devDependencies }
    const known = name in declared || (isTest && (TEST_TOOLS.has(name) || name === 'publint'))
    return known ? undefined : `${file} imports ${name}`
  })
  expect(undeclared).toEqual([])
})

test('the reader of imports sees every form and no comment', () => {
  const source = [
    "import { a, type B } from './a.ts'",
    "import type { C } from '@x/c/inner'",
    'import {',
    '  d,',
    "} from 'node:d'",
    "export * as e from 'e'",
    "import './f.ts'",
    "const g = await import('./g.ts')",
    "// taken from 'nowhere'",
  ].join('\n')
  expect(readImports(source).map(({ specifier, typeOnly }) => `${specifier}${typeOnly ? ' (type)' : ''}`)).toEqual([
    './a.ts',
    '@x/c/inner (type)',
    'node:d',
    'e',
    './f.ts',
    './g.ts',
  ])
  expect(['@x/c/inner', 'e/f', 'node:d', './a.ts'].map((specifier) => packageOf(specifier))).toEqual([
    '@x/c',
    'e',
    undefined,
    undefined,
  ])
})

test('the reader of cycles finds one', () => {
  const next = new Map([
    ['a', ['b']],
    ['b', ['c']],
    ['c', ['b']],
  ])
  expect(findCycle(next)).toEqual(['b', 'c', 'b'])
  expect(findCycle(new Map([['a', ['b']]]))).toBeUndefined()
})

function readSources(owner: WorkspacePackage): readonly SourceFile[] {
  return listFiles(`${owner.folder}/src`)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ({
      file,
      owner,
      isTest:
        /\.(test|slow)\.ts$/.test(file) ||
        /\/src\/(.*\/)?testing\//.test(file) ||
        file.startsWith('packages/dashboard/src/page/') ||
        file.startsWith('packages/dashboard/src/build/'),
      imports: readImports(readText(file)),
    }))
}

/** Complaints about bare imports. */
function arrows(
  files: readonly SourceFile[],
  complain: (file: SourceFile, name: string, specifier: string) => string | undefined,
): readonly string[] {
  return files.flatMap((file) =>
    file.imports.flatMap(({ specifier }) => {
      const name = packageOf(specifier)
      const complaint = name === undefined ? undefined : complain(file, name, specifier)
      return complaint === undefined ? [] : [complaint]
    }),
  )
}

function relativeArrows(
  files: readonly SourceFile[],
): readonly { readonly from: SourceFile; readonly to: string; readonly typeOnly: boolean }[] {
  return files.flatMap((from) =>
    from.imports
      .filter(({ specifier }) => specifier.startsWith('.'))
      .map(({ specifier, typeOnly }) => ({
        from,
        to: path.posix.join(path.posix.dirname(from.file), specifier),
        typeOnly,
      })),
  )
}

function floorOf(name: string): number {
  const floor = FLOORS.findIndex((rooms) => rooms.includes(name))
  if (floor === -1) throw new Error(`${name} has no floor: give it one in FLOORS`)
  return floor
}

/** The first cycle as a path that ends where it began. */
function findCycle(next: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const done = new Set<string>()
  const walk = (file: string, trail: readonly string[]): readonly string[] | undefined => {
    if (trail.includes(file)) return [...trail.slice(trail.indexOf(file)), file]
    if (done.has(file)) return undefined
    for (const target of next.get(file) ?? []) {
      const cycle = walk(target, [...trail, file])
      if (cycle !== undefined) return cycle
    }
    done.add(file)
    return undefined
  }
  for (const file of next.keys()) {
    const cycle = walk(file, [])
    if (cycle !== undefined) return cycle
  }
  return undefined
}
