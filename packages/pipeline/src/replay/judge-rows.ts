/**
 * Looks at rejected rows again, one by one.
 *
 * What a contract says of single rows decides over them, and so does what is true of all of them (a column is missing, a type
 * does not fit). What it says of a whole file (counts, means, shares) says nothing of a few of its rows. A check that cannot
 * be evaluated lets no row through (invariant 9).
 */
import type { CheckResult, Contract, Dialect, Reason, Relation, Session } from '@tidegate/core'
import {
  compileContract,
  decideGate,
  evaluatePlan,
  failedRules,
  isRowLevel,
  planChecks,
  rowRules,
  sampleFailingRows,
  splitSql,
  type FailingRow,
  type GatePolicy,
  type OtherTable,
  type RowRule,
} from '@tidegate/dq'
import { hiddenColumns, NO_FIT, rowsAsTheyCame } from '../fit-columns.ts'
import type { ReadableFile } from '../judge-batch.ts'
import { judgeBeyondFile, splitByScope } from '../judge-beyond-file.ts'
import { relationOf } from '../prepare-file.ts'
import { misfitId } from './prepare-rows.ts'
import { tolerate } from './tolerate.ts'

export interface RowsSettings {
  /** Undefined: the rows are taken whatever the rules say. */
  readonly contract: Contract | undefined
  readonly policy: GatePolicy
  readonly tables: ReadonlyMap<string, OtherTable>
  readonly nowMs: number
  readonly signal: AbortSignal
}

export interface JudgedRows {
  readonly file: ReadableFile
  readonly rejectedRows: number
  /** SELECTs: rows to load, with the file and row columns and those of the fit; rows to reject, as they came, with ours. */
  readonly good: string
  readonly rejected: string
  readonly reasons: readonly Reason[]
  readonly failed: readonly CheckResult[]
  readonly samples: readonly FailingRow[]
}

/** @param before the checks that failed when the rows were rejected, of the whole file */
export async function judgeRows(
  file: ReadableFile,
  before: readonly CheckResult[],
  settings: RowsSettings,
  session: Session,
): Promise<JudgedRows> {
  const { contract, policy, signal } = settings
  const { dialect } = session
  const relation = relationOf([file], session)
  const found = contract === undefined ? NOTHING : await findFaults(relation, before, contract, settings, session)
  const verdict = found.results.length === 0 ? ADMIT : decideGate(found.results, { ...policy, onFail: 'split' })
  const broken = verdict.kind === 'split' ? failedRules(found.rules, found.results) : []
  const known = new Set(broken.map((rule) => rule.check))
  const rules: readonly RowRule[] =
    verdict.kind === 'hold'
      ? [{ check: verdict.reasons[0]?.check ?? 'gate', severity: 'critical', violatedSql: dialect.literal(true) }]
      : [...broken, ...misfitRules(relation, dialect).filter((rule) => !known.has(rule.check))]
  const fit = file.fit ?? NO_FIT
  const hidden = hiddenColumns(fit)
  const place = [
    { name: relation.fileColumn, type: 'VARCHAR' },
    { name: relation.rowColumn, type: 'BIGINT' },
  ]
  const whole = { ...relation, columns: [...relation.columns, ...place, ...hidden] }
  const { good } = splitSql(whole, rules, dialect, { columns: whole.columns })
  const kept = { ...relation, columns: [...relation.columns, ...hidden] }
  const rejected = rowsAsTheyCame(splitSql(kept, rules, dialect, { columns: [] }).rejected, fit, dialect)
  const counted = await session.query(`SELECT count(*) FROM (${rejected})`, { signal })
  const rejectedRows = Number(counted.rows[0]?.[0] ?? 0)
  const isSampled = contract !== undefined && rejectedRows > 0
  return {
    file,
    rejectedRows,
    good,
    rejected,
    reasons: rejectedRows > 0 && verdict.reasons.length === 0 ? [MISFIT] : verdict.reasons,
    failed: found.results.filter((result) => result.outcome !== 'passed'),
    samples: isSampled ? await sampleFailingRows(session, relation, rules, { limit: 20, contract, signal }) : [],
  }
}

const NOTHING: Faults = { results: [], rules: [] }
const ADMIT = { kind: 'admit', reasons: [] } as const
const MISFIT: Reason = {
  check: 'schema:misfit',
  severity: 'critical',
  message: 'the text of a cell does not fit its column, and quarantine keeps the row without it',
}

interface Faults {
  readonly results: readonly CheckResult[]
  readonly rules: readonly RowRule[]
}

async function findFaults(
  relation: Relation,
  before: readonly CheckResult[],
  contract: Contract,
  { tables, nowMs, signal }: RowsSettings,
  session: Session,
): Promise<Faults> {
  const scopes = splitByScope(contract)
  const compiled = compileContract(scopes.own, relation.columns, { tables, nowMs })
  const checks = compiled.checks.filter((check) => isRowLevel(check) || check.answer.kind !== 'measured')
  const own = { ...compiled, checks }
  const evaluation = await evaluatePlan(session, planChecks(own, relation, session.dialect), { signal, nowMs })
  const results = [...(evaluation.results.get(relation.files[0]?.key ?? '') ?? [])]
  const rules = [...rowRules(own, relation, session.dialect, evaluation.failingValues)]
  if (scopes.beyond !== undefined) {
    const beyond = await judgeBeyondFile(session, [relation], scopes.beyond, { signal, tables, nowMs })
    for (const found of beyond.values()) {
      results.push(...found.results)
      rules.push(...found.rules)
    }
  }
  const limits = new Map(compiled.checks.map((check) => [check.id, check]))
  return { results: results.map((result) => tolerate(result, limits.get(result.id), before)), rules }
}

/** No row goes anywhere without a value that its file had, whatever the contract says of the column now. */
function misfitRules({ columns, misfitColumn }: Relation, dialect: Dialect): readonly RowRule[] {
  if (misfitColumn === undefined) return []
  const misfit = dialect.identifier(misfitColumn)
  return columns.map(({ name }) => ({
    check: misfitId(name),
    severity: 'critical',
    violatedSql: `coalesce(${contains(misfit, name, dialect)}, ${dialect.literal(false)})`,
  }))
}

function contains(listSql: string, text: string, dialect: Dialect): string {
  return `${dialect.name === 'duckdb' ? 'list_contains' : 'array_contains'}(${listSql}, ${dialect.literal(text)})`
}
