import type { CheckResult, Contract, Expectation, Relation, RelationFile, Session } from '@tidegate/core'
import {
  checkIds,
  compileContract,
  evaluateChecks,
  expectationColumns,
  planChecks,
  rowRules,
  type EvaluateOptions,
  type OtherTable,
  type RowRule,
} from '@tidegate/dq'
import { uniteRelations } from './unite-relations.ts'

/** A contract in two: what each file answers for itself, and what only the batch, or batch and target together, can answer. */
export interface ContractScopes {
  readonly own: Contract
  readonly beyond: Contract | undefined
}

/** Ids are kept: they are written into the expectations before the contract is cut. */
export function splitByScope(contract: Contract): ContractScopes {
  const ids = checkIds(contract)
  const named = contract.expectations.map((expectation, index) => ({ ...expectation, id: ids[index] }))
  const isBeyond = ({ kwargs }: Expectation): boolean => kwargs['scope'] === 'batch' || kwargs['scope'] === 'target'
  const beyond = named.filter(isBeyond)
  if (beyond.length === 0) return { own: contract, beyond: undefined }
  return {
    own: { ...contract, expectations: named.filter((expectation) => !isBeyond(expectation)) },
    beyond: { ...contract, expectations: beyond },
  }
}

export interface BeyondFile {
  readonly results: readonly CheckResult[]
  /** Rows of failed checks, as conditions that hold on the file's own rows. */
  readonly rules: readonly RowRule[]
}

export interface BeyondOptions extends EvaluateOptions {
  readonly tables?: ReadonlyMap<string, OtherTable> | undefined
  /** Failing rows of one check that are named one by one in a statement. @defaultValue 100,000 */
  readonly listedRows?: number | undefined
}

/** A statement with this many numbers is 1 MB long and takes the engine 0.1 s to read. */
const LISTED_ROWS = 100_000

/**
 * Judges what the files of a batch answer together: by the file's key. `relations` hold all of its files, those of equal
 * columns in one.
 *
 * A check compares all files that have its columns, also where they differ in others. A file that lacks one of its columns
 * is judged alone, so that this is its own error.
 */
export async function judgeBeyondFile(
  session: Session,
  relations: readonly Relation[],
  contract: Contract,
  options: BeyondOptions = {},
): Promise<ReadonlyMap<string, BeyondFile>> {
  const judged = new Map<string, { results: CheckResult[]; rules: RowRule[] }>()
  const groups = Map.groupBy(contract.expectations, (expectation) =>
    relations.map((relation) => (hasColumns(relation, expectation) ? '1' : '0')).join(''),
  )
  for (const [having, expectations] of groups) {
    const part = { ...contract, expectations }
    const together = relations.filter((_, index) => having[index] === '1')
    const alone = relations.filter((_, index) => having[index] === '0')
    const units = [...(together.length === 0 ? [] : [together]), ...alone.map((relation) => [relation])]
    for (const unit of units) {
      for (const [file, found] of await judgeUnit(session, unit, part, options)) {
        const { results, rules } = judged.get(file) ?? { results: [], rules: [] }
        judged.set(file, { results: [...results, ...found.results], rules: [...rules, ...found.rules] })
      }
    }
  }
  return judged
}

function hasColumns({ columns }: Relation, expectation: Expectation): boolean {
  return expectationColumns(expectation).every((name) => columns.some((column) => column.name === name))
}

async function judgeUnit(
  session: Session,
  unit: readonly Relation[],
  contract: Contract,
  { tables, listedRows = LISTED_ROWS, ...options }: BeyondOptions,
): Promise<ReadonlyMap<string, BeyondFile>> {
  const relation = uniteRelations(unit, session.dialect)
  const compiled = compileContract(contract, relation.columns, { schema: false, tables, nowMs: options.nowMs })
  const evaluated = await evaluateChecks(session, planChecks(compiled, relation, session.dialect), options)
  const found = new Map(
    relation.files.map(({ key }) => [key, { results: [] as CheckResult[], rules: [] as RowRule[] }]),
  )
  for (const { id } of compiled.checks) {
    const results = relation.files.map(({ key }) => [key, evaluated.get(key)?.find((each) => each.id === id)] as const)
    const fails = results.some(([, result]) => result?.outcome === 'failed' && result.rowLevel)
    // Those of files that pass (`mostly`) are found, too.
    const rows = results.reduce((sum, [, result]) => sum + (result?.unexpectedCount ?? 0), 0)
    const only = { ...compiled, checks: compiled.checks.filter((check) => check.id === id) }
    const [rule] = fails ? rowRules(only, relation, session.dialect) : []
    const conditions = rule === undefined ? new Map<string, string>() : await conditionsOf(rule, rows)
    for (const [key, result] of results) {
      const own = found.get(key)
      if (result === undefined || own === undefined) continue
      const violatedSql = conditions.get(key)
      const isSplit = result.outcome === 'failed' && result.rowLevel && violatedSql !== undefined
      // Without its rows a failed check cannot be split by: the whole file is held.
      own.results.push(result.outcome === 'failed' && !isSplit ? { ...result, rowLevel: false } : result)
      if (isSplit) own.rules.push({ check: id, severity: result.severity, violatedSql })
    }
  }
  return found

  async function conditionsOf(rule: RowRule, rows: number): Promise<ReadonlyMap<string, string>> {
    return rows <= listedRows ? listedConditions(session, relation, rule, options) : sharedCondition(unit, rule)
  }
}

/** The rows that were found, by their places: the cheapest condition, and true of the file wherever it is read. */
async function listedConditions(
  session: Session,
  relation: Relation,
  rule: RowRule,
  { signal }: EvaluateOptions,
): Promise<ReadonlyMap<string, string>> {
  const { dialect } = session
  const [file, row] = [dialect.identifier(relation.fileColumn), dialect.identifier(relation.rowColumn)]
  const { rows } = await session.query(`SELECT ${file}, ${row} FROM ${relation.sql} WHERE ${rule.violatedSql}`, {
    signal,
  })
  const byFile = Map.groupBy(rows, ([key]) => String(key))
  return new Map(
    [...byFile].map(([key, own]) => {
      const places = own.map(([, place]) => dialect.literal(Number(place))).join(', ')
      return [key, `(${row} IN (${places}))`]
    }),
  )
}

/** Too many to be listed: the condition itself, which groups the whole batch again for each file. Only where columns agree. */
function sharedCondition(unit: readonly Relation[], rule: RowRule): ReadonlyMap<string, string> {
  const files: readonly RelationFile[] = unit.length === 1 ? (unit[0]?.files ?? []) : []
  return new Map(files.map(({ key }) => [key, rule.violatedSql]))
}
