import { statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { parseConfig, type ConfigResult } from './parse-config.ts'
import { parseDotEnv } from './parse-dot-env.ts'
import { problemAt, sortProblems, type Problem } from './problem.ts'
import { readText } from './read-text.ts'

export interface LoadConfigOptions {
  /** Where `tidegate.yaml`, `tidegate.yml` or `tidegate.json` is looked for, and `.env` beside it. */
  readonly directory: string
  /** Another file, relative to `directory`. Its folder is then the project's. */
  readonly file?: string | undefined
  readonly environment?: string | undefined
  /** `key.key=value`, applied last. */
  readonly set?: readonly string[]
  /** @defaultValue process.env; wins over `.env` */
  readonly env?: Readonly<Record<string, string | undefined>>
}

const NAMES = ['tidegate.yaml', 'tidegate.yml', 'tidegate.json']

/**
 * Finds and reads the configuration. A missing file and a wrong one are results.
 *
 * @throws TidegateError `CONFIG_UNREADABLE` when the file is there and cannot be read
 */
export async function loadConfig(options: LoadConfigOptions): Promise<ConfigResult> {
  const candidates = options.file === undefined ? NAMES : [options.file]
  const files = candidates.map((name) => (path.isAbsolute(name) ? name : path.join(options.directory, name)))
  const found = []
  for (const file of files) {
    const text = await readText(file)
    if (text.kind !== 'missing') found.push({ file, text })
  }
  const [first, second] = found
  if (first === undefined) return { kind: 'missing', file: files[0] ?? '' }
  if (first.text.kind === 'problems') return { kind: 'problems', problems: first.text.problems }

  const directory = path.dirname(path.resolve(first.file))
  const dotEnv = await readDotEnv(path.join(path.dirname(first.file), '.env'))
  const result = parseConfig(first.text.text, {
    file: first.file,
    directory,
    environment: options.environment,
    set: options.set ?? [],
    env: { ...dotEnv.variables, ...withoutUndefined(options.env ?? process.env) },
    isFolder,
  })
  const warnings = [...dotEnv.problems]
  if (second !== undefined) {
    const place = { source: { file: second.file, lines: [] }, line: 1, column: 1, endColumn: 2 }
    const message = `${path.basename(second.file)} is not read: ${path.basename(first.file)} comes first`
    warnings.push(problemAt(place, 'CONFIG_VALUE', message, { severity: 'warning', hint: 'Delete one of the two.' }))
  }
  return result.kind === 'ok'
    ? { ...result, warnings: sortProblems([...result.warnings, ...warnings]) }
    : { ...result, problems: sortProblems([...result.problems, ...warnings]) }
}

/** Whether there is a folder; undefined where nothing is there, or nobody may look. */
export function isFolder(absolute: string): boolean | undefined {
  try {
    return statSync(absolute, { throwIfNoEntry: false })?.isDirectory()
  } catch {
    return undefined
  }
}

async function readDotEnv(file: string): Promise<{ variables: Record<string, string>; problems: readonly Problem[] }> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch {
    return { variables: {}, problems: [] }
  }
  const { variables, badLines } = parseDotEnv(text)
  // Without the text of the line: it may hold a secret.
  const source = { file, lines: [] }
  const problems = badLines.map((line) =>
    problemAt(
      { source, line, column: 1, endColumn: 2 },
      'CONFIG_SYNTAX',
      'not of the form KEY=value; the line is left out',
      {
        severity: 'warning',
      },
    ),
  )
  return { variables: Object.fromEntries(variables), problems }
}

function withoutUndefined(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const result: Record<string, string> = {}
  for (const [name, value] of Object.entries(env)) if (value !== undefined) result[name] = value
  return result
}
