import type { Diagnosis } from '@tidegate/core'
import type { ReaderAnswer } from './readers.ts'

export interface CorpusFile {
  /** Relative to the folder. */
  readonly path: string
  readonly diagnosis: Diagnosis
  readonly duckdb: ReaderAnswer
  readonly hyparquet: ReaderAnswer
}

export interface CorpusReport {
  readonly files: readonly CorpusFile[]
  readonly command: string
  readonly versions: Readonly<Record<string, string>>
}

/** `docs/parquet-corpus.md`. */
export function corpusMarkdown({ files, command, versions }: CorpusReport): string {
  const folders = Map.groupBy(files, ({ path }) => path.split('/').slice(0, -1).join('/'))
  const readers = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return `${[
    '# Real files and what is said of them',
    '',
    `Made by \`${command}\` (${readers.join(', ')}). Each file was diagnosed at level \`values\` and read whole by the other`,
    'readers, each in a process of its own, with 20 seconds and 1 GiB.',
    '',
    ...summaryOf(files),
    '',
    ...disagreementsOf(files),
    ...[...folders].flatMap(([folder, items]) => [
      `## ${folder === '' ? '.' : folder}`,
      '',
      '| file | verdict | findings | rows | DuckDB | hyparquet |',
      '|---|---|---|--:|---|---|',
      ...items.map(rowOf),
      '',
    ]),
  ].join('\n')}`
}

function summaryOf(files: readonly CorpusFile[]): string[] {
  const verdicts = Map.groupBy(files, ({ diagnosis }) => diagnosis.verdict)
  const share = (items: readonly CorpusFile[], reader: 'duckdb' | 'hyparquet', kind: ReaderAnswer['kind']): number =>
    items.filter((item) => item[reader].kind === kind).length
  return [
    '| verdict | files | DuckDB reads | fails | crashes | hyparquet reads | fails | crashes |',
    '|---|--:|--:|--:|--:|--:|--:|--:|',
    ...[...verdicts].map(([verdict, items]) => {
      const counts = (['duckdb', 'hyparquet'] as const).flatMap((reader) =>
        (['rows', 'error', 'crash'] as const).map((kind) => share(items, reader, kind)),
      )
      return `| ${verdict} | ${items.length} | ${counts.join(' | ')} |`
    }),
  ]
}

/** Where a reader and the verdict differ: these are the files to think about. */
function disagreementsOf(files: readonly CorpusFile[]): string[] {
  const isBad = ({ diagnosis }: CorpusFile): boolean => diagnosis.kind === 'unreadable'
  const readAll = files.filter((file) => isBad(file) && (file.duckdb.kind === 'rows' || file.hyparquet.kind === 'rows'))
  const readNone = files.filter((file) => !isBad(file) && file.duckdb.kind !== 'rows' && file.hyparquet.kind !== 'rows')
  const list = (items: readonly CorpusFile[]): string[] =>
    items.length === 0 ? ['None.'] : items.map(({ path, diagnosis }) => `- \`${path}\`: ${firstFinding(diagnosis)}`)
  return [
    '## Called bad, and yet a reader returns rows',
    '',
    ...list(readAll),
    '',
    '## Called sound, and neither reader returns rows',
    '',
    ...list(readNone),
    '',
  ]
}

function firstFinding({ findings, verdict }: Diagnosis): string {
  const worst = findings.find(({ severity }) => severity === 'error' || severity === 'fatal') ?? findings[0]
  return worst === undefined ? verdict : `${worst.code} ${worst.message}`
}

function rowOf({ path, diagnosis, duckdb, hyparquet }: CorpusFile): string {
  const codes = [...new Set(diagnosis.findings.map(({ code, name }) => `${code} ${name}`))]
  const name = path.split('/').at(-1) ?? path
  return `| ${cell(name)} | ${diagnosis.verdict} | ${cell(codes.join(', '))} | ${diagnosis.rows ?? ''} | ${answerOf(duckdb)} | ${answerOf(hyparquet)} |`
}

function answerOf(answer: ReaderAnswer): string {
  if (answer.kind === 'rows') return `${answer.rows} rows`
  const line = answer.message.split('\n')[0] ?? ''
  return cell(`${answer.kind}: ${line.length > 60 ? `${line.slice(0, 60)}…` : line}`)
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/[\r\n]+/g, ' ')
}
