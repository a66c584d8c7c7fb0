/** Projects in temp folders for what starts real processes: CSV files in, Parquet out. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

export interface SmallProject {
  readonly directory: string
  readonly state: string
  /** A CSV file with the columns `id` and `text` below the landing folder of a source. */
  land(source: string, name: string, rows: number): void
  /** Any file below the project's folder. */
  put(name: string, content: string): void
  /** Paths of files in the order in which the log of the source's target says they were loaded: twice would be a double load. */
  loaded(source: string): readonly string[]
  remove(): void
}

export function smallProject(
  sources: readonly string[] = ['orders'],
  more: Readonly<Record<string, unknown>> = {},
): SmallProject {
  const directory = mkdtempSync(path.join(tmpdir(), 'tidegate-'))
  const entry = (name: string): readonly [string, unknown] => [
    name,
    {
      path: `landing/${name}/*.csv`,
      ready: { settle: '0s' },
      on_missing_contract: 'admit',
      target: { path: `lake/${name}` },
    },
  ]
  for (const name of sources) mkdirSync(path.join(directory, 'landing', name), { recursive: true })
  const config = { version: 1, state: 'state.db', sources: Object.fromEntries(sources.map(entry)), ...more }
  writeFileSync(path.join(directory, 'tidegate.yaml'), JSON.stringify(config))
  return {
    directory,
    state: path.join(directory, 'state.db'),
    land(source, name, rows) {
      const lines = Array.from({ length: rows }, (_, row) => `${row},${name} ${row}`)
      const file = path.join(directory, 'landing', source, name)
      // Seen whole or not at all, as a sender does it who knows how.
      writeFileSync(`${file}.part`, `id,text\n${lines.join('\n')}\n`)
      renameSync(`${file}.part`, file)
    },
    put(name, content) {
      const file = path.join(directory, name)
      mkdirSync(path.dirname(file), { recursive: true })
      writeFileSync(file, content)
    },
    loaded(source) {
      const log = path.join(directory, 'lake', source, '_tidegate/log')
      if (!existsSync(log)) return []
      const entries = readdirSync(log).filter((name) => /^\d{20}\.json$/.test(name)).toSorted() // prettier-ignore
      return entries.flatMap((name) => {
        const { files } = JSON.parse(readFileSync(path.join(log, name), 'utf8')) as {
          readonly files: readonly { readonly path: string; readonly outcome: string }[]
        }
        return files.filter(({ outcome }) => outcome === 'loaded').map((file) => file.path)
      })
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}
