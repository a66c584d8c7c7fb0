import { doubtOfAlikeColumns } from './alike-columns.ts'
import type { AssembledGroup, Assembly } from './assemble-chunks.ts'
import { typeKeyOf } from './page-fits.ts'
import { isUncountable, leftOvers, otherPeriod } from './period-evidence.ts'
import type { SchemaSource } from './schema-sources.ts'
import type { ValueEvidence } from './value-evidence.ts'

/** How sure it is that rows are what they were. Below `strong` nothing is written unless asked. */
export type Confidence = 'proven' | 'strong' | 'weak'

export interface Judgement {
  readonly confidence: Confidence | 'rejected'
  /**
   * What speaks for it, then what speaks against it, of which one kind lowers no confidence: columns of which only the schema
   * source tells the order. Sentences without a full stop.
   */
  readonly evidence: readonly string[]
  readonly doubts: readonly string[]
}

/** A schema with fewer columns fits too many files by accident (35 % of wrong ones, measured). */
const STRONG_LEAVES = 4

/** More than one page in so many broken may be a schema that is not the file's. */
const MAX_BROKEN = 8

/**
 * - `proven`: rows that were counted elsewhere agree (own footer, table log), or each chunk names its column.
 * - `strong`: four columns or more, each page is in its place, one reading only, and the schema source's codec and use of
 *   dictionaries are those of the file.
 * - `rejected`: hardly a page fits the schema.
 */
export function judgeConfidence(assembly: Assembly, schema: SchemaSource, values?: ValueEvidence): Judgement {
  const evidence: string[] = []
  const doubts: string[] = []
  const full = assembly.groups.filter(({ kind }) => kind === 'full')
  const own = schema.ownGroups?.length ?? 0
  const used = assembly.groups.flatMap(({ chunks, later, open }) => [
    ...chunks,
    ...later,
    ...(open === undefined ? [] : [open]),
  ])
  const usedPages = used.reduce((sum, { pages }) => sum + pages.length, 0)

  if (own > 0) evidence.push(`the footer still lists ${own} row ${own === 1 ? 'group' : 'groups'}`)
  const isAssembled = assembly.pages > 0
  if (isAssembled && usedPages === 0 && own === 0)
    return { confidence: 'rejected', evidence, doubts: ['no page fits the schema'] }
  if (assembly.strayPages > 0)
    doubts.push(`${assembly.strayPages} of ${assembly.pages} pages fit no column where they stand`)
  if (assembly.skippedPages > usedPages) doubts.push(`${assembly.skippedPages} pages behind damage have no place`)
  if (assembly.strayPages * 2 > assembly.pages) return { confidence: 'rejected', evidence, doubts }

  if (assembly.brokenPages * MAX_BROKEN > assembly.pages)
    doubts.push(`${assembly.brokenPages} of ${assembly.pages} pages cannot be decoded`)

  const ambiguous = assembly.groups.filter(({ isCertain }) => !isCertain).length
  if (ambiguous > 0) doubts.push(`${ambiguous} row groups can be read in more than one way`)
  if (assembly.isExhausted) doubts.push('the search used up its budget')
  if (schema.leaves.length < STRONG_LEAVES)
    doubts.push(
      `a schema of ${schema.leaves.length} ${schema.leaves.length === 1 ? 'column' : 'columns'} fits by accident`,
    )
  const isOwnSchema = schema.from === 'own-footer' || schema.from === 'partial-footer'
  const otherHabits = isOwnSchema ? 0 : countOtherHabits(assembly.groups, schema)
  if (otherHabits > 0)
    doubts.push(`${otherHabits} columns have another codec or use of dictionaries than the schema source`)
  const oddPages = used.reduce((sum, chunk) => sum + chunk.oddPages, 0)
  if (oddPages > 0 && !isOwnSchema) doubts.push(`${oddPages} pages of text columns hold bytes that are not UTF-8`)
  if (isAssembled && full.length === 0 && own === 0) doubts.push('no row group is complete')
  const contradictions = isOwnSchema || assembly.isInline ? [] : contradictionsOf(assembly, schema, values)
  doubts.push(...contradictions)
  const { index } = assembly
  if (values !== undefined && values.implausible.length > 0 && !isOwnSchema)
    doubts.push(`values of ${listed(values.implausible)} are not what the schema source says of them`)
  else if (values !== undefined && values.checked > 0)
    evidence.push(`values of ${values.checked} columns are what their types promise`)
  if (index.contrary > 0) doubts.push(`the page index lists ${index.contrary} chunks otherwise`)
  const fullChunks = full.reduce((sum, { chunks }) => sum + chunks.length, 0)
  const isIndexed = index.contrary === 0 && index.agreeing === fullChunks && fullChunks > 0
  if (isIndexed) evidence.push('the page index that is left lists the same pages for each chunk')

  const isUndoubted = doubts.length === 0
  const rows = full.reduce((sum, group) => sum + (group.rows ?? 0), 0)
  const isCounted = schema.rows !== undefined && rows + ownRows(schema) === schema.rows
  if (isCounted) evidence.push(`${schema.rows} rows are found, as many as were counted elsewhere`)
  if (assembly.isInline && used.length > 0) evidence.push('each chunk is followed by metadata that names its column')
  if (isAssembled && assembly.strayPages === 0) evidence.push(`each of ${assembly.pages} pages is in its place`)
  const alike = assembly.isInline ? undefined : doubtOfAlikeColumns(schema)
  const allDoubts = alike === undefined ? doubts : [...doubts, alike]
  const hasProof =
    isCounted ||
    // The index proves where chunks begin and end, not which columns they are.
    (isIndexed && isUndoubted) ||
    (assembly.isInline && full.length > 0) ||
    (own > 0 && !isAssembled)
  // Few columns do not weaken a proof; pages without a place, or a second reading, do.
  if (hasProof && assembly.strayPages === 0 && ambiguous === 0 && contradictions.length === 0)
    return { confidence: 'proven', evidence, doubts: allDoubts }
  const isOwnStrong = isOwnSchema && full.length > 0 && assembly.strayPages === 0 && ambiguous === 0
  const isStrong = isUndoubted || (isOwnStrong && !assembly.isExhausted)
  return { confidence: isStrong ? 'strong' : 'weak', evidence, doubts: isStrong ? allDoubts : doubts }
}

/** What a schema with too few or too many columns leaves behind. Rows that were counted do not outweigh it. */
function contradictionsOf(assembly: Assembly, schema: SchemaSource, values: ValueEvidence | undefined): string[] {
  const found: string[] = []
  const { misfitPages } = assembly
  const columns = schema.leaves.length
  if (misfitPages > 0)
    found.push(
      `${misfitPages} sound ${misfitPages === 1 ? 'page is' : 'pages are'} of another type than the column that comes there`,
    )
  const period = otherPeriod(assembly, columns, values?.sizes)
  if (period === 0) found.push(`the chunks after ${columns} columns do not look like those before`)
  else if (period !== undefined)
    found.push(`what the pages look like comes again after ${period} columns, not after ${columns}`)
  const isUniform = new Set(schema.leaves.map(typeKeyOf)).size === 1
  if (isUniform && isUncountable(assembly, columns, values?.sizes))
    found.push('all columns are of one type, and nothing in the file tells how many there are')
  const leftOver = leftOvers(assembly, values?.sizes)
  if (leftOver !== undefined)
    found.push(
      `the data end after ${leftOver.chunks.length} of ${columns} columns, and neither a page nor a column is cut`,
    )
  if (values !== undefined && values.shifted.length * 2 > columns)
    found.push(`values of ${listed(values.shifted)} are those that the schema source has for other columns`)
  return found
}

function listed(names: readonly string[]): string {
  return names.length <= 3 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more columns`
}

function ownRows(schema: SchemaSource): number {
  return (schema.ownGroups ?? []).reduce((sum, group) => {
    const rows = group.fields.get(3)?.value
    return sum + (typeof rows === 'bigint' ? Number(rows) : 0)
  }, 0)
}

/** Whether a column pays for a dictionary depends on its values too, so a few may differ; the codec is a setting. */
const MAY_DIFFER = 0.25

function countOtherHabits(groups: readonly AssembledGroup[], schema: SchemaSource): number {
  const codecs = new Set<number>()
  const dictionaries = new Set<number>()
  for (const { chunks } of groups)
    for (const [index, { codec, pages }] of chunks.entries()) {
      const expectedCodec = schema.codecs?.[index]
      const expectedDictionary = schema.dictionaries?.[index]
      if (expectedCodec !== undefined && expectedCodec !== codec) codecs.add(index)
      if (expectedDictionary !== undefined && expectedDictionary !== (pages[0]?.kind === 'dictionary'))
        dictionaries.add(index)
    }
  const many = dictionaries.size > schema.leaves.length * MAY_DIFFER
  return codecs.size + (many ? dictionaries.size : 0)
}
