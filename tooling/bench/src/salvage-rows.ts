import { fileURLToPath } from 'node:url'
import type { ResultRow } from './result-row.ts'
import { runNode } from './run-node.ts'

/** What `salvage-table.ts` of the parquet package prints; shares of rows that are physically there. */
interface SalvageRow {
  readonly family: string
  readonly kind: string
  readonly cases: number
  readonly rowsIntact: number
  readonly ours: Share & { readonly falseCells: number; readonly undetectableCells: number; readonly refused: number }
  readonly duckdb: Share
  readonly hyparquet: Share
}

interface Share {
  readonly worst: number
  readonly mean: number
  readonly right: number
}

const SCRIPT = fileURLToPath(new URL('../../../packages/parquet/src/testing/salvage-table.ts', import.meta.url))
const CASES_PER_KIND = 4

/** One row per kind of damage: the worst case of ours beside the worst of DuckDB, and how many cases each read right. */
export async function salvageRows(say: (message: string) => void): Promise<readonly ResultRow[]> {
  say('parquet: damaging and repairing files of every kind')
  // In a process of its own, from the sources: what damages files is not part of the package.
  const output = await runNode(['--conditions=tidegate:source', '--no-warnings', SCRIPT, String(CASES_PER_KIND)])
  return (JSON.parse(output) as readonly SalvageRow[]).map(rowOf)
}

function rowOf({ family, kind, cases, rowsIntact, ours, duckdb, hyparquet }: SalvageRow): ResultRow {
  const right = `read right: ours ${ours.right}, DuckDB ${duckdb.right}, hyparquet ${hyparquet.right} of ${cases}`
  const notes = [
    ...(rowsIntact === 0 ? ['no whole row group is left'] : []),
    right,
    `mean ${percent(ours.mean)} / ${percent(duckdb.mean)} / ${percent(hyparquet.mean)} %`,
    `hyparquet's worst ${percent(hyparquet.worst)} %`,
    `${ours.falseCells} false cells`,
    ...(ours.undetectableCells > 0 ? [`${ours.undetectableCells} that nothing shows`] : []),
    ...(ours.refused > 0 ? [`${ours.refused} refused`] : []),
  ]
  return {
    section: 'parquet',
    what: `rows salvaged, worst case: ${family}, ${kind}`,
    unit: '%',
    ours: ours.worst * 100,
    bare: duckdb.worst * 100,
    ratio: null,
    bar: '= 100 %',
    verdict: ours.worst === 1 ? 'met' : 'missed',
    note: notes.join(' · '),
  }
}

function percent(share: number): string {
  return (share * 100).toFixed(0)
}
