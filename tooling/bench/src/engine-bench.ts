import path from 'node:path'
import type { CheckResult, ColumnSchema, Contract, FileVersion, Relation, Session } from '@tidegate/core'
import { compileContract, evaluateChecks, planChecks, type PlanOptions } from '@tidegate/dq'
import { startEngine } from '@tidegate/duckdb'
import { relationOf } from '@tidegate/pipeline'
import { ENGINE_LIMITS } from './bare-engine.ts'
import { peakMemoryBytes } from './peak-memory.ts'

/** A session in the engine child, as the product uses it, for the length of `work`. */
export async function withEngine<Result>(
  folder: string,
  work: (session: Session, peakBytes: () => number | null) => Promise<Result>,
): Promise<Result> {
  const engine = startEngine({
    ...ENGINE_LIMITS,
    tempDirectory: path.join(folder, 'engine'),
    allowedDirectories: [folder],
  })
  try {
    return await work(await engine.openSession(), () => (engine.pid === undefined ? null : peakMemoryBytes(engine.pid)))
  } finally {
    await engine.close()
  }
}

/** The relation that the pipeline makes of Parquet files. */
export function benchRelation(
  session: Session,
  files: readonly { readonly file: string; readonly rows: number }[],
  columns: readonly (readonly [name: string, type: string])[],
): Relation {
  const schema: readonly ColumnSchema[] = columns.map(([name, type]) => ({ name, type }))
  return relationOf(
    files.map(({ file, rows }) => ({
      kind: 'readable',
      version: { path: path.basename(file), uri: file } as FileVersion,
      columns: schema,
      rowsRead: rows,
      rejectedLines: [],
      rejectedCount: 0,
      scan: file,
      converted: false,
    })),
    session,
  )
}

/** Compile, plan, evaluate. @throws Error unless there are `least` results and none is an error */
export async function checkAll(
  session: Session,
  relation: Relation,
  contract: Contract,
  least: number,
  options: PlanOptions = {},
): Promise<readonly CheckResult[]> {
  const plan = planChecks(compileContract(contract, relation.columns), relation, session.dialect, options)
  const results = [...(await evaluateChecks(session, plan)).values()].flat()
  const errors = results.filter((result) => result.outcome === 'error')
  if (results.length < least || errors.length > 0) {
    throw new Error(`${results.length} results, errors: ${errors.map((result) => result.message).join('; ')}`)
  }
  return results
}
