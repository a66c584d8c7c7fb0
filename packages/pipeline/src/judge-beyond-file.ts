import type { CheckResult, Contract, Relation, Session, UnexpectedRow } from '@tidegate/core'
import {
  checkIds,
  compileContract,
  evaluateChecks,
  planChecks,
  type EvaluateOptions,
  type OtherTable,
  type RowRule,
} from '@tidegate/dq'

/** A contract in two: what each file answers for itself, and what only the batch, or batch and target together, can answer. */
export interface ContractScopes {
  readonly own: Contract
  readonly beyond: Contract | undefined
}

/** Ids are kept: they are written into the expectations before the contract is cut. */
export function splitByScope(contract: Contract): ContractScopes {
  const ids = checkIds(contract)
  const named = contract.expectations.map((expectation, index) => ({ ...expectation, id: ids[index] }))
  const isBeyond = ({ kwargs }: { readonly kwargs: Contract['expectations'][number]['kwargs'] }): boolean =>
    kwargs['scope'] === 'batch' || kwargs['scope'] === 'target'
  const beyond = named.filter(isBeyond)
  if (beyond.length === 0) return { own: contract, beyond: undefined }
  return {
    own: { ...contract, expectations: named.filter((expectation) => !isBeyond(expectation)) },
    beyond: { ...contract, expectations: beyond },
  }
}

export interface BeyondFile {
  readonly results: readonly CheckResult[]
  /** Rules of failed checks: the very rows that were found, since no condition on one file's rows can say it. */
  readonly rules: readonly RowRule[]
}

/** Above this many failing rows of one file they are not listed in a statement: the file is held as a whole. */
const LISTED_ROWS = 100_000

/** Judges what the files of a batch answer together. `relation` holds all of them. By the file's key. */
export async function judgeBeyondFile(
  session: Session,
  relation: Relation,
  contract: Contract,
  tables: ReadonlyMap<string, OtherTable>,
  options: EvaluateOptions,
): Promise<ReadonlyMap<string, BeyondFile>> {
  const compiled = compileContract(contract, relation.columns, { schema: false, tables, nowMs: options.nowMs })
  const plan = planChecks(compiled, relation, session.dialect, {
    capture: { when: 'after', rows: true, complete: true },
  })
  const evaluated = await evaluateChecks(session, plan, options)
  return new Map(
    [...evaluated].map(([file, results]) => [
      file,
      {
        results: results.map((result) => withoutLists(result)),
        rules: results.flatMap((result) => ruleOf(result, relation, session)),
      },
    ]),
  )
}

/** The complete lists served the rules; in the records a few values are enough. */
function withoutLists({ unexpected: _values, unexpectedRows, ...result }: CheckResult): CheckResult {
  return { ...result, rowLevel: result.rowLevel && (unexpectedRows?.length ?? 0) <= LISTED_ROWS }
}

function ruleOf(result: CheckResult, relation: Relation, { dialect }: Session): readonly RowRule[] {
  const rows: readonly UnexpectedRow[] = result.unexpectedRows ?? []
  if (result.outcome !== 'failed' || !result.rowLevel || rows.length === 0 || rows.length > LISTED_ROWS) return []
  const listed = rows.map(({ row }) => dialect.literal(row)).join(', ')
  return [
    {
      check: result.id,
      severity: result.severity,
      violatedSql: `(${dialect.identifier(relation.rowColumn)} IN (${listed}))`,
    },
  ]
}
