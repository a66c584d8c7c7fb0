import { isNumeric, isTemporal } from './column-family.ts'
import type { ProfiledFile } from './profile-types.ts'
import { batches, queryRows, toCount, toText, type Scan, type ScanColumn } from './scan.ts'

/** What the sample says of one column. */
export interface SampleFacts {
  sampled: number
  distinct: number | null
  quantiles: { readonly p01: string; readonly p99: string } | null
  increasing: boolean | null
  /** By file position. */
  perFile: { readonly sampled: number; readonly distinct: number | null }[]
}

/** Distinct counts, quantiles and order. `from` is the sample, usable after FROM, under the name `t`. */
export async function scanSample(
  scan: Scan,
  columns: readonly ScanColumn[],
  files: readonly ProfiledFile[],
  from: string,
): Promise<readonly SampleFacts[]> {
  const facts = columns.map((): SampleFacts => ({
    sampled: 0,
    distinct: null,
    quantiles: null,
    increasing: null,
    perFile: [],
  }))
  for (const batch of batches(columns, COLUMNS_PER_SCAN)) {
    await scanWhole(scan, batch, from, facts)
    await scanByFile(scan, batch, files, from, facts)
  }
  const ordered = columns.filter((column) => column.family === 'integer' || isTemporal(column.family))
  for (const batch of batches(ordered, COLUMNS_PER_SCAN)) await scanOrder(scan, batch, from, facts)
  return facts
}

const COLUMNS_PER_SCAN = 40

async function scanWhole(scan: Scan, batch: readonly ScanColumn[], from: string, facts: SampleFacts[]): Promise<void> {
  const selected = batch.flatMap((column) => [
    `count(${column.sql})`,
    distinctSql(column),
    ...[0.01, 0.99].map((share) =>
      isNumeric(column.family) ? `percentile_disc(${share}) WITHIN GROUP (ORDER BY ${column.finiteSql})` : 'NULL',
    ),
  ])
  const row = (await queryRows(scan, `SELECT ${selected.join(', ')} FROM ${from}`))[0] ?? []
  for (const [at, column] of batch.entries()) {
    const fact = facts[column.position]
    if (fact === undefined) continue
    const p01 = toText(row[at * 4 + 2])
    const p99 = toText(row[at * 4 + 3])
    fact.sampled = toCount(row[at * 4])
    fact.distinct = isNested(column) ? null : toCount(row[at * 4 + 1])
    fact.quantiles = p01 === null || p99 === null ? null : { p01, p99 }
  }
}

async function scanByFile(
  scan: Scan,
  batch: readonly ScanColumn[],
  files: readonly ProfiledFile[],
  from: string,
  facts: SampleFacts[],
): Promise<void> {
  if (files.length === 1) {
    for (const column of batch) {
      const fact = facts[column.position]
      if (fact !== undefined) fact.perFile = [{ sampled: fact.sampled, distinct: fact.distinct }]
    }
    return
  }
  const positions = new Map(files.map((file, position) => [file.key, position]))
  for (const column of batch) {
    const fact = facts[column.position]
    if (fact !== undefined) fact.perFile = files.map(() => ({ sampled: 0, distinct: isNested(column) ? null : 0 }))
  }
  const key = `t.${scan.session.dialect.identifier(scan.relation.fileColumn)}`
  const selected = batch.flatMap((column) => [`count(${column.sql})`, distinctSql(column)])
  for (const row of await queryRows(scan, `SELECT ${key} AS f, ${selected.join(', ')} FROM ${from} GROUP BY 1`)) {
    const file = positions.get(toText(row[0]) ?? '')
    if (file === undefined) continue
    for (const [at, column] of batch.entries()) {
      const distinct = isNested(column) ? null : toCount(row[at * 2 + 2])
      const perFile = facts[column.position]?.perFile
      if (perFile !== undefined) perFile[file] = { sampled: toCount(row[at * 2 + 1]), distinct }
    }
  }
}

/** Counts steps down between neighbouring sampled rows of one file. */
async function scanOrder(scan: Scan, batch: readonly ScanColumn[], from: string, facts: SampleFacts[]): Promise<void> {
  const dialect = scan.session.dialect
  const window =
    `OVER (PARTITION BY t.${dialect.identifier(scan.relation.fileColumn)} ` +
    `ORDER BY t.${dialect.identifier(scan.relation.rowColumn)})`
  const inner = batch.flatMap((column, at) => [`${column.sql} AS a${at}`, `lag(${column.sql}) ${window} AS b${at}`])
  const outer = batch.flatMap((_, at) => [
    dialect.countIf(`s.a${at} >= s.b${at}`),
    dialect.countIf(`s.a${at} < s.b${at}`),
  ])
  const row =
    (await queryRows(scan, `SELECT ${outer.join(', ')} FROM (SELECT ${inner.join(', ')} FROM ${from}) AS s`))[0] ?? []
  for (const [at, column] of batch.entries()) {
    const up = toCount(row[at * 2])
    const down = toCount(row[at * 2 + 1])
    const fact = facts[column.position]
    if (fact !== undefined) fact.increasing = up + down === 0 ? null : down === 0
  }
}

function distinctSql(column: ScanColumn): string {
  return isNested(column) ? 'NULL' : `count(DISTINCT ${column.sql})`
}

function isNested(column: ScanColumn): boolean {
  return column.family === 'nested'
}
