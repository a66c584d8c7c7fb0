import type { Diagnosis } from '@tidegate/core'
import { factOf, rightVerdicts, type Verdict } from './known-files.ts'
import type { ReaderAnswer } from './readers.ts'

export interface CorpusFile {
  /** Below the folder, with slashes. */
  readonly path: string
  readonly diagnosis: Diagnosis
  /** What a repair of the file alone, without its neighbours, would do; a few words. */
  readonly repair: string
  readonly duckdb: ReaderAnswer
  readonly hyparquet: ReaderAnswer
}

export interface CorpusReport {
  readonly files: readonly CorpusFile[]
  readonly command: string
  readonly versions: Readonly<Record<string, string>>
}

/** `docs/parquet-corpus.md`. The same files and versions give the same text. */
export function corpusMarkdown({ files, command, versions }: CorpusReport): string {
  const folders = Map.groupBy(files, ({ path }) => path.split('/').slice(0, -1).join('/'))
  const readers = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  const sections = [...folders].toSorted(([left], [right]) => (left < right ? -1 : 1))
  return `${[
    '# Real files and what is said of them',
    '',
    `Made by \`${command}\` (${readers.join(', ')}) from files of apache/parquet-testing, of the tests of DuckDB and of hyparquet.`,
    'Each file is diagnosed at level `values`, a repair of it is planned without any file beside it, and DuckDB and hyparquet read it',
    'whole, each in a process of its own, in a minute and with 1 GiB and 2 GiB. `--check` only compares the verdicts with what is known',
    'of the files, and writes nothing.',
    '',
    '## Summary',
    '',
    ...summaryOf(files),
    '',
    ...correctness(files),
    '',
    ...disagreementsOf(files),
    ...sections.flatMap(([folder, items]) => [
      `## ${folder === '' ? '.' : folder}`,
      '',
      '| file | verdict | findings | rows | a repair | DuckDB | hyparquet |',
      '|---|---|---|--:|---|---|---|',
      ...items.map(rowOf),
      '',
    ]),
    '`(i)`: only worth knowing, does not change the verdict. Where the rows are empty, only the pages know how many there are.',
  ].join('\n')}\n`
}

const ORDER: readonly Verdict[] = [
  'ok',
  'ok-with-warnings',
  'repairable-lossless',
  'repairable-lossy',
  'unrecoverable',
  'unsupported',
  'encrypted',
  'not-parquet',
]

function summaryOf(files: readonly CorpusFile[]): string[] {
  const row = (title: string, items: readonly CorpusFile[]): string => {
    const counts = (['duckdb', 'hyparquet'] as const).flatMap((reader) =>
      (['rows', 'error', 'crash'] as const).map((kind) => items.filter((item) => item[reader].kind === kind).length),
    )
    return `| ${title} | ${items.length} | ${counts.join(' | ')} |`
  }
  return [
    '| verdict | files | DuckDB reads | fails | dies | hyparquet reads | fails | dies |',
    '|---|--:|--:|--:|--:|--:|--:|--:|',
    ...ORDER.flatMap((verdict) => {
      const items = files.filter(({ diagnosis }) => diagnosis.verdict === verdict)
      return items.length === 0 ? [] : [row(verdict, items)]
    }),
    row('all', files),
  ]
}

/** The files whose verdict is not what is known of them. */
export function wrongVerdicts(files: readonly Pick<CorpusFile, 'path' | 'diagnosis'>[]): readonly string[] {
  return files.flatMap(({ path, diagnosis }) => {
    const right = rightVerdicts(path)
    if (right.length === 0 || right.includes(diagnosis.verdict)) return []
    return [`${path}: ${diagnosis.verdict}, not ${right.join(' or ')}`]
  })
}

function correctness(files: readonly CorpusFile[]): string[] {
  const known = files.filter(({ path }) => rightVerdicts(path).length > 0)
  const wrong = wrongVerdicts(files)
  return [
    `\`tooling/bench/src/corpus/known-files.ts\` says of ${known.length} files which verdict is right: ${known.length - wrong.length} of ours agree. For`,
    'parquet-testing and hyparquet their projects say which are good; details are from the bytes. Those of DuckDB have no description: what',
    'is said of those was worked out by hand from their bytes, with the answers of all three readers at hand, so there it is no blind',
    'test of the verdicts but a guard that keeps them.',
    ...(wrong.length === 0 ? [] : ['', ...wrong.map((line) => `- ${line}`)]),
  ]
}

/** Where a reader and the verdict differ: these are the files to think about. */
function disagreementsOf(files: readonly CorpusFile[]): string[] {
  const isBad = ({ diagnosis }: CorpusFile): boolean => diagnosis.kind === 'unreadable'
  const reads = (file: CorpusFile): readonly string[] => [
    ...(file.duckdb.kind === 'rows' ? ['DuckDB'] : []),
    ...(file.hyparquet.kind === 'rows' ? ['hyparquet'] : []),
  ]
  const fails = (file: CorpusFile): readonly string[] =>
    ['DuckDB', 'hyparquet'].filter((reader) => !reads(file).includes(reader))
  const table = (title: string, items: readonly CorpusFile[], readers: typeof reads, column: string): string[] => [
    `## ${title}`,
    '',
    ...(items.length === 0
      ? ['None.']
      : [
          `| file | verdict | ${column} | why |`,
          '|---|---|---|---|',
          ...items.map(
            (file) => `| ${file.path} | ${file.diagnosis.verdict} | ${readers(file).join(', ')} | ${whyOf(file)} |`,
          ),
        ]),
    '',
  ]
  return [
    ...table(
      'Called bad, and yet a reader returns rows',
      files.filter((file) => isBad(file) && reads(file).length > 0),
      reads,
      'who reads it',
    ),
    ...table(
      'Called sound, and a reader fails',
      files.filter((file) => !isBad(file) && fails(file).length > 0),
      fails,
      'who fails',
    ),
    ...table(
      'Called bad, and both fail',
      files.filter((file) => isBad(file) && reads(file).length === 0 && file.diagnosis.verdict !== 'encrypted'),
      fails,
      'who fails',
    ),
  ]
}

function whyOf({ path, diagnosis }: CorpusFile): string {
  const fact = factOf(path)?.fact
  if (fact !== undefined) return cell(`${fact}.`)
  const { findings } = diagnosis
  const worst = findings.find(({ severity }) => severity === 'error' || severity === 'fatal') ?? findings[0]
  return cell(worst === undefined ? '' : `${worst.code} ${worst.message}`)
}

function rowOf({ path, diagnosis, repair, duckdb, hyparquet }: CorpusFile): string {
  const codes = diagnosis.findings.map(
    ({ code, name, severity }) => `${code} ${name}${severity === 'info' ? ' (i)' : ''}`,
  )
  const name = path.split('/').at(-1) ?? path
  const cells = [
    name,
    diagnosis.verdict,
    [...new Set(codes)].join(', '),
    String(diagnosis.rows ?? ''),
    repair,
    answerOf(duckdb),
    answerOf(hyparquet),
  ]
  return `| ${cells.map(cell).join(' | ')} |`
}

const LONGEST = 90

function answerOf(answer: ReaderAnswer): string {
  if (answer.kind === 'rows') return `${answer.rows} ${answer.rows === 1 ? 'row' : 'rows'}`
  if (answer.kind === 'crash') return 'dies'
  const { message } = answer
  return `fails: ${message.length > LONGEST ? `${message.slice(0, LONGEST)}…` : message}`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/[\r\n]+/g, ' ')
}
