import { TidegateError, type ColumnSchema, type Relation, type Session } from '@tidegate/core'
import { isTemporal } from './column-family.ts'
import { addTotals } from './column-totals.ts'
import { looksLikeKey } from './draft-completeness.ts'
import type { ColumnProfile, ColumnTotals, FileFacts, Profile, ProfiledFile, SliceFacts } from './profile-types.ts'
import { checkSeed, sampleSql } from './sampling.ts'
import { CLASS_TEST_ROWS, scanClasses, type ClassFacts } from './scan-classes.ts'
import { scanCompoundKey } from './scan-compound-key.ts'
import { scanFacts, type Facts } from './scan-facts.ts'
import { scanOrderedColumn } from './scan-ordered-column.ts'
import { scanSample, type SampleFacts } from './scan-sample.ts'
import { VALUES_KEPT, scanValues, type ValueFacts } from './scan-values.ts'
import { batches, queryRows, scanColumn, toCount, toText, type Scan, type ScanColumn } from './scan.ts'
import { sensitiveWord } from './sensitive-name.ts'
import { PERSONAL_CLASSES } from './text-class.ts'

export interface ProfileOptions {
  /** Rows that the costly facts are taken from; Infinity for all. @defaultValue 100_000 */
  readonly sampleRows?: number | undefined
  /** Chooses another sample. 0 to 2^31−2. @defaultValue 0 */
  readonly seed?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** Each file's own columns by file key, where known; files that differ from the others are then found odd. */
  readonly fileColumns?: ReadonlyMap<string, readonly ColumnSchema[]> | undefined
  /** Columns that people call sensitive, in any case of letters. No value of theirs is kept. @defaultValue none */
  readonly sensitive?: ReadonlySet<string> | undefined
  /**
   * Also whether the rows of each file are in the order of a column. The check that is learned from it needs a window over
   * all rows: it made the ingest of 25 files with 3M rows, each with six other checks, 30 % slower.
   * @defaultValue false
   */
  readonly rowOrder?: boolean | undefined
}

/**
 * Describes the rows of a relation, column by column and file by file.
 *
 * Row, null and misfit counts, extremes, lengths, uniqueness and value lists are exact, from all rows. Distinct counts,
 * quantiles, kinds of text and order come from a deterministic sample spread over all files. The same input gives the
 * same profile. Four to seven scans for up to 40 columns, whatever the number of files, and a few more where columns may be
 * a key together or in order.
 *
 * @throws {TidegateError} `PROFILE_SAMPLE`, `PROFILE_SEED` for impossible options; what the session throws
 */
export async function profileRelation(
  session: Session,
  relation: Relation,
  options: ProfileOptions = {},
): Promise<Profile> {
  const wanted = checkSampleRows(options.sampleRows ?? 100_000)
  const seed = checkSeed(options.seed ?? 0)
  const declared = new Set([...(options.sensitive ?? [])].map((name) => name.toLowerCase()))
  const scan: Scan = { session, relation, signal: options.signal }
  const columns = relation.columns.map((column, position) => scanColumn(column, position, session.dialect))

  const facts = await scanFacts(scan, columns)
  const rows = facts.files.reduce((sum, file) => sum + file.rows, 0)
  const files = facts.files.map((file): ProfiledFile => {
    const own = options.fileColumns?.get(file.key)
    return own === undefined ? file : { ...file, columns: own }
  })
  const base = { facts, files, columns, rows, seed, declared }
  if (rows === 0) return assemble({ ...base, sampledRows: 0 }, [], new Map(), new Map(), [])

  const from = sampleSql(relation, session.dialect, files, wanted, seed)
  const few = sampleSql(relation, session.dialect, files, Math.min(wanted, CLASS_TEST_ROWS), seed)
  const sample = await scanSample(scan, columns, files, from)
  const texts = columns.filter((column) => column.family === 'text')
  const classes = await scanClasses(scan, texts, files, facts.slices, { few, many: from })
  const values = await scanValues(
    scan,
    texts.filter((column) => {
      const classed = classes.get(column.position)
      return whySensitive(column, classed, declared) === null && mayListValues(column, facts, sample[column.position])
    }),
    files,
    facts.slices,
  )
  const unique = await scanUnique(scan, columns, files, sample, wanted >= rows)
  const sampledRows = wanted >= rows ? rows : await countRows(scan, from)
  const profile = assemble({ ...base, sampledRows }, sample, classes, values, unique)
  return { ...profile, ...(await scanRowRules(scan, profile, columns, from, options.rowOrder ?? false)) }
}

/** What columns say together, or row after row. */
async function scanRowRules(
  scan: Scan,
  profile: Profile,
  columns: readonly ScanColumn[],
  from: string,
  rowOrder: boolean,
): Promise<Pick<Profile, 'compoundKey' | 'ordered'>> {
  const complete = columns.flatMap((column) => {
    const facts = profile.columns[column.position]
    return facts === undefined || facts.nulls > 0 || facts.sampled === 0 ? [] : [{ column, facts }]
  })
  const ordered = complete.filter(
    ({ facts }) => facts.increasing === true && facts.sensitive === null && (facts.distinct ?? 0) * 10 >= facts.sampled,
  )
  const keys = complete.filter(({ column, facts }) => mayBePartOfKey(column, facts))
  const single = profile.columns.some(looksLikeKey)
  return {
    compoundKey: single
      ? null
      : await scanCompoundKey(
          scan,
          keys.map(({ column, facts }) => ({ column, distinct: facts.distinct ?? 0 })),
          profile.files,
          from,
        ),
    ...(rowOrder
      ? {
          ordered: await scanOrderedColumn(
            scan,
            ordered.map(({ column }) => column),
            profile.rows,
          ),
        }
      : {}),
  }
}

function mayBePartOfKey({ family }: ScanColumn, { distinct, maxLength, type }: ColumnProfile): boolean {
  if ((distinct ?? 0) < 2) return false
  if (family === 'text') return (maxLength ?? 0) <= 64
  return (
    family === 'integer' || family === 'uuid' || isTemporal(family) || (family === 'decimal' && /,\s*0\)$/.test(type))
  )
}

interface Base {
  readonly facts: Facts
  readonly files: readonly ProfiledFile[]
  readonly columns: readonly ScanColumn[]
  readonly rows: number
  readonly sampledRows: number
  readonly seed: number
  /** Columns that people call sensitive, in lower case. */
  readonly declared: ReadonlySet<string>
}

function assemble(
  { facts, files, columns, rows, sampledRows, seed, declared }: Base,
  sample: readonly SampleFacts[],
  classes: ReadonlyMap<number, ClassFacts>,
  values: ReadonlyMap<number, ValueFacts>,
  unique: readonly (readonly (boolean | null)[])[],
): Profile {
  return {
    format: 1,
    rows,
    sampledRows,
    seed,
    files,
    slices: facts.slices,
    columns: columns.map((column): ColumnProfile => {
      const found = sample[column.position]
      const classed = classes.get(column.position)
      const listed = values.get(column.position)
      const sensitive = whySensitive(column, classed, declared)
      const slices = (facts.totals[column.position] ?? []).map((totals, at) =>
        sliceFacts(totals, classed?.slices[at], listed?.slices[at], sensitive !== null),
      )
      const ofFiles = unique[column.position]
      return {
        name: column.name,
        type: column.type,
        family: column.family,
        sensitive,
        ...addTotals(column.family, slices),
        sampled: found?.sampled ?? 0,
        distinct: found?.distinct ?? (column.family === 'nested' ? null : 0),
        quantiles: sensitive === null ? (found?.quantiles ?? null) : null,
        increasing: found?.increasing ?? null,
        unique: ofFiles === undefined ? null : allOf(ofFiles),
        textClass: classed?.textClass ?? null,
        values: sensitive === null ? (listed?.values ?? null) : null,
        slices,
        perFile: files.map((_, at): FileFacts => ({
          sampled: found?.perFile[at]?.sampled ?? 0,
          distinct: found?.perFile[at]?.distinct ?? null,
          unique: ofFiles?.[at] ?? null,
        })),
      }
    }),
  }
}

function sliceFacts(
  totals: ColumnTotals,
  classed: ClassFacts['slices'][number] | undefined,
  values: SliceFacts['values'] | undefined,
  withheld: boolean,
): SliceFacts {
  return {
    ...totals,
    min: withheld ? null : totals.min,
    max: withheld ? null : totals.max,
    classTried: classed?.tried ?? 0,
    classMatched: classed?.matched ?? 0,
    values: withheld ? null : (values ?? null),
  }
}

/** Because people say so, by name, or because four of five values look personal. */
function whySensitive(
  column: ScanColumn,
  classed: ClassFacts | undefined,
  declared: ReadonlySet<string>,
): string | null {
  if (declared.has(column.name.toLowerCase())) return 'the contract says so'
  const word = sensitiveWord(column.name, column.type, column.family)
  if (word !== undefined) return `its name says ${word}`
  if (classed === undefined || !PERSONAL_CLASSES.has(classed.textClass)) return null
  const tried = classed.slices.reduce((sum, slice) => sum + slice.tried, 0)
  const matched = classed.slices.reduce((sum, slice) => sum + slice.matched, 0)
  return matched >= tried * 0.8 ? `${matched} of ${tried} values look like ${classed.textClass}` : null
}

function mayListValues(column: ScanColumn, facts: Facts, sample: SampleFacts | undefined): boolean {
  if (sample?.distinct === undefined || sample.distinct === null) return false
  const longest = Math.max(0, ...(facts.totals[column.position] ?? []).map((totals) => totals.maxLength ?? 0))
  return (
    sample.distinct > 0 && sample.distinct <= VALUES_KEPT && sample.distinct * 2 <= sample.sampled && longest <= 200
  )
}

/**
 * For each column whether each file holds no value twice. Only columns that look like keys in the sample are counted
 * over all rows; for the others the answer is null or, where the sample shows a double, false.
 */
async function scanUnique(
  scan: Scan,
  columns: readonly ScanColumn[],
  files: readonly ProfiledFile[],
  sample: readonly SampleFacts[],
  sampledAll: boolean,
): Promise<readonly (readonly (boolean | null)[])[]> {
  const result = columns.map((column) =>
    files.map((_, at): boolean | null => {
      const fact = sample[column.position]?.perFile[at]
      if (fact === undefined || fact.distinct === null || fact.sampled === 0) return null
      return fact.distinct < fact.sampled ? false : sampledAll ? true : null
    }),
  )
  if (sampledAll) return result
  const candidates = columns.filter(
    (column) =>
      ['integer', 'decimal', 'text', 'uuid', 'date'].includes(column.family) &&
      (sample[column.position]?.sampled ?? 0) >= 100 &&
      !(result[column.position] ?? []).includes(false),
  )
  const positions = new Map(files.map((file, position) => [file.key, position]))
  const key = `t.${scan.session.dialect.identifier(scan.relation.fileColumn)}`
  for (const batch of batches(candidates, 10)) {
    const selected = batch.map((column) => `count(DISTINCT ${column.sql}) = count(${column.sql})`)
    const sql = `SELECT ${key} AS f, ${selected.join(', ')} FROM ${scan.relation.sql} AS t GROUP BY 1`
    for (const row of await queryRows(scan, sql)) {
      const file = positions.get(toText(row[0]) ?? '')
      for (const [at, column] of batch.entries()) {
        const answers = result[column.position]
        if (answers !== undefined && file !== undefined) answers[file] = row[at + 1] === true
      }
    }
  }
  return result
}

function allOf(answers: readonly (boolean | null)[]): boolean | null {
  if (answers.includes(false)) return false
  return answers.includes(true) ? true : null
}

async function countRows(scan: Scan, from: string): Promise<number> {
  return toCount((await queryRows(scan, `SELECT count(*) FROM ${from}`))[0]?.[0])
}

function checkSampleRows(rows: number): number {
  if (rows >= 1 && (rows === Infinity || Number.isSafeInteger(rows))) return rows
  throw new TidegateError(
    'PROFILE_SAMPLE',
    `the number of sampled rows must be a whole number from 1 on, not ${rows}`,
    {
      hint: 'Use Infinity to look at all rows.',
    },
  )
}
