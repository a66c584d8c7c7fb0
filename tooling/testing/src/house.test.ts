import { describe, expect, test } from 'vitest'
import { firstJsBlock, listFiles, listProductPackages, readText } from './workspace-files.ts'

const files = listFiles()
const texts = files.filter(
  (file) => !/\.(?:parquet|gz|png|webp|arrow|db)$/.test(file) && !file.endsWith('/house.test.ts'),
)

/** `file:line: text` of every line that matches. */
function linesWith(pattern: RegExp, among: readonly string[] = texts): readonly string[] {
  return among.flatMap((file) =>
    readText(file)
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [])),
  )
}

describe('what is written here', () => {
  test('speaks of the product, not of how it was written', () => {
    const machines = /\b(?:AI|LLMs?|GPT|ChatGPT|Claude|Anthropic|OpenAI|Copilot)\b|\bassistants?\b|co-authored-by/
    const making =
      /\b(?:helper|coding|working|this|earlier|previous) sessions?\b.*\b(?:wrote|written|made|brief)|\bsub-?agents?\b/i
    expect(linesWith(machines)).toEqual([])
    expect(linesWith(making)).toEqual([])
  })

  test('names no folder of the machine it was written on', () => {
    expect(linesWith(/(?:^|[\s'"`(=:])\/(?:work|home|root|Users)\/|\/tmp\/(?:probe|brief)/)).toEqual([])
  })

  test('leaves nothing for later', () => {
    expect(linesWith(/\b(?:TODO|FIXME|XXX|HACK)\b|\b(?:test|it|describe)\.(?:skip|only|todo)\(/)).toEqual([])
  })

  test('holds no file of more than 400 lines of code', () => {
    const long = files.filter((file) => /\.(?:ts|tsx|mjs|js)$/.test(file) && readText(file).split('\n').length > 401)
    expect(long).toEqual([])
  })

  test('is named in kebab case', () => {
    const code = files.filter((file) => /\/src\/.*\.tsx?$/.test(file))
    expect(code.filter((file) => !/^[a-z0-9-]+(?:\.[a-z]+)*\.tsx?$/.test(file.split('/').at(-1) ?? ''))).toEqual([])
  })
})

test('the lockfile names no registry', () => {
  expect(linesWith(/tarball:|https?:\/\//, ['pnpm-lock.yaml'])).toEqual([])
  expect(files.filter((file) => file.endsWith('.npmrc') && /registry|_auth/i.test(readText(file)))).toEqual([])
})

test('decisions are numbered without a gap and say what was decided', () => {
  const decisions = files.filter((file) => file.startsWith('docs/decisions/'))
  expect(decisions.length).toBeGreaterThan(0)
  for (const [index, file] of decisions.toSorted().entries()) {
    const number = String(index + 1).padStart(4, '0')
    expect(file).toMatch(new RegExp(`^docs/decisions/${number}-[a-z0-9-]+\\.md$`))
    expect(readText(file)).toMatch(/^# .+\n/)
    expect(readText(file)).toMatch(/^## Decision$/m)
  }
})

test('the licence is Apache 2.0', () => {
  const licence = readText('LICENSE')
  expect(licence).toMatch(/Apache License\s+Version 2\.0, January 2004/)
  expect(licence).toContain('END OF TERMS AND CONDITIONS')
})

test('all published packages have one version', () => {
  expect(new Set(listProductPackages().map(({ json }) => json.version)).size).toBe(1)
})

describe.each(listProductPackages())('$folder', ({ folder, json }) => {
  test('says what it is, for whom, and under which licence', () => {
    expect(json).toMatchObject({
      license: 'Apache-2.0',
      type: 'module',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    })
    expect(json.private).toBeUndefined()
    expect(json.description).toMatch(/^\S.{20,}\.$/)
    expect(json.engines?.['node']).toMatch(/^>=\d+/)
    expect(json.exports).toHaveProperty(['./package.json'])
    expect(json.files).toContain('dist')
  })

  test('pins what it depends on', () => {
    const loose = Object.entries(json.dependencies ?? {}).filter(([, range]) => !/^(?:workspace:\*|\d)/.test(range))
    expect(loose).toEqual([])
  })

  test('has a README, with an example where it can be imported', () => {
    expect(files).toContain(`${folder}/README.md`)
    if ('.' in (json.exports ?? {})) expect(firstJsBlock(readText(`${folder}/README.md`))).toBeTruthy()
  })
})
