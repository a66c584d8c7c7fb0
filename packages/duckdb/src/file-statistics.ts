import {
  TidegateError,
  type Cell,
  type ChunkStatistics,
  type ColumnStatistics,
  type FileStatistics,
  type QueryResult,
} from '@tidegate/core'
import { quoteLiteral } from './dialect.ts'

/**
 * Reads the footers of these Parquet files, all in one query: rows, row groups, and of each top-level column what each
 * row group says of it. Nothing is judged here.
 */
export async function readFileStatistics(
  query: (sql: string) => Promise<QueryResult>,
  files: readonly string[],
): Promise<readonly FileStatistics[]> {
  if (files.length === 0) return []
  const byName = new Map((await readFooters(query, files)).map((footer) => [footer.file, footer]))
  const statistics: FileStatistics[] = []
  for (const file of files) {
    const found = byName.get(file) ?? (await readAlone(query, file))
    statistics.push({ ...found, file })
  }
  return statistics
}

/** The engine tidies some names (`a//b`, `file:///a`): then only a query of one file tells whose footer it is. */
async function readAlone(query: (sql: string) => Promise<QueryResult>, file: string): Promise<FileStatistics> {
  const [footer, ...others] = await readFooters(query, [file])
  if (footer === undefined || others.length > 0)
    throw new TidegateError('ENGINE_SQL', `${file} does not name one Parquet file`)
  return footer
}

/**
 * Long lists travel as one JSON text per file: for 2,000 files of 10 columns 0.7 s, where three flat queries (metadata,
 * schema, heads) take 1.4 s; for one file of 10,000 columns 0.17 s against 0.36 s.
 */
async function readFooters(
  query: (sql: string) => Promise<QueryResult>,
  files: readonly string[],
): Promise<readonly FileStatistics[]> {
  const list = `[${files.map((file) => quoteLiteral(escapeGlob(file))).join(', ')}]`
  const { rows } = await query(
    `SELECT parquet_file_metadata[1].file_name, parquet_file_metadata[1].num_rows,
            parquet_file_metadata[1].num_row_groups, parquet_file_metadata[1].created_by,
            CAST(to_json(list_transform(parquet_schema, lambda s: [${SCHEMA_FIELDS.join(', ')}])) AS VARCHAR),
            CAST(to_json(list_transform(parquet_metadata, lambda m: [${CHUNK_FIELDS.join(', ')}])) AS VARCHAR)
     FROM parquet_full_metadata(${list})`,
  )
  return rows.map(toStatistics)
}

const SCHEMA_FIELDS = [
  's.name',
  's.type',
  's.repetition_type',
  'CAST(s.num_children AS VARCHAR)',
  's.duckdb_type',
  'coalesce(s.logical_type, s.converted_type)',
]

const CHUNK_FIELDS = [
  'CAST(m.column_id AS VARCHAR)',
  'm.path_in_schema',
  'CAST(m.row_group_num_rows AS VARCHAR)',
  'CAST(m.num_values AS VARCHAR)',
  'CAST(m.stats_null_count AS VARCHAR)',
  'coalesce(m.stats_min_value, m.stats_min)',
  'coalesce(m.stats_max_value, m.stats_max)',
  `CASE WHEN m.min_is_exact AND m.max_is_exact THEN 'yes' WHEN NOT m.min_is_exact OR NOT m.max_is_exact THEN 'no' END`,
  `CASE WHEN (m.stats_min_value IS NULL AND m.stats_min IS NOT NULL)
             OR (m.stats_max_value IS NULL AND m.stats_max IS NOT NULL) THEN 'yes' END`,
  'CAST(m.stats_distinct_count AS VARCHAR)',
  'CAST(m.data_page_offset - m.dictionary_page_offset AS VARCHAR)',
]

type Texts = readonly (string | null)[]

function toStatistics([file, rows, rowGroups, createdBy, schema, chunks]: readonly Cell[]): FileStatistics {
  const byLeaf = new Map<number, Texts[]>()
  for (const chunk of JSON.parse(String(chunks ?? '[]')) as readonly Texts[]) {
    const leaf = Number(chunk[0])
    const list = byLeaf.get(leaf)
    if (list === undefined) byLeaf.set(leaf, [chunk])
    else list.push(chunk)
  }
  return {
    file: String(file),
    rows: Number(rows),
    rowGroups: Number(rowGroups),
    // Every column has a chunk in every row group; the first tells for all.
    rowGroupRows: (byLeaf.get(0) ?? []).map((chunk) => Number(chunk[2])),
    createdBy: typeof createdBy === 'string' ? createdBy : null,
    columns: topLevelLeaves(JSON.parse(String(schema ?? '[]')) as readonly Texts[]).flatMap(({ element, leaf }) =>
      toColumn(element, byLeaf.get(leaf) ?? [], Number(rowGroups)),
    ),
  }
}

interface Leaf {
  readonly element: Texts
  /** Ordinal among all leaves: that is its chunks' number. */
  readonly leaf: number
}

/** Children of the root that have none themselves; none at all where the names of the root's children are not unique. */
function topLevelLeaves(schema: readonly Texts[]): readonly Leaf[] {
  const found: Leaf[] = []
  const names = new Set<string>()
  let topLevel = 0
  let leaf = 0
  // How many children each open group still expects.
  const open: number[] = []
  for (const [index, element] of schema.entries()) {
    const [name, , repetition, children] = element
    const depth = open.length
    if (depth > 0) open[depth - 1] = (open[depth - 1] ?? 0) - 1
    if (depth === 1) {
      topLevel += 1
      names.add((name ?? '').toLowerCase())
    }
    if (index === 0 || Number(children ?? 0) > 0) open.push(Number(children ?? 0))
    else {
      if (depth === 1 && repetition !== 'REPEATED') found.push({ element, leaf })
      leaf += 1
    }
    while (open.length > 1 && (open.at(-1) ?? 0) <= 0) open.pop()
  }
  return names.size === topLevel ? found : []
}

/** A column whose chunks are not what the schema says is left out: nothing can be said of it. */
function toColumn(element: Texts, chunks: readonly Texts[], rowGroups: number): ColumnStatistics[] {
  const [name, physicalType, , , type, logicalType] = element
  if (name === null || name === undefined || typeof type !== 'string') return []
  if (chunks.length !== rowGroups || chunks.some((chunk) => chunk[1] !== name)) return []
  return [
    {
      name,
      type: type.toUpperCase(),
      physicalType: physicalType ?? '',
      logicalType: logicalType ?? null,
      rowGroups: chunks.map(toChunk),
    },
  ]
}

function toChunk(chunk: Texts): ChunkStatistics {
  const [values, nulls, min, max, exact, deprecated, distinct, dictionary] = chunk.slice(3)
  return {
    values: Number(values),
    nulls: numberOrNull(nulls),
    min: min ?? null,
    max: max ?? null,
    exact: exact === 'yes' ? true : exact === 'no' ? false : null,
    deprecated: deprecated === 'yes',
    distinct: numberOrNull(distinct),
    dictionaryBytes: numberOrNull(dictionary),
  }
}

function numberOrNull(text: string | null | undefined): number | null {
  return text === null || text === undefined ? null : Number(text)
}

/** Names are names here, not patterns: a bracket around a wildcard takes its meaning away. */
function escapeGlob(file: string): string {
  return file.replaceAll(/[*?[]/g, '[$&]')
}
