import { readFileSync } from 'node:fs'
import type { CheckResult, Contract, JsonValue, Relation, Session } from '@tidegate/core'
import { parse } from 'yaml'
import { compileContract } from '../compile/compile-contract.ts'
import { evaluateChecks } from '../evaluate/evaluate-checks.ts'
import type { OtherTable } from '../expectations/definition.ts'
import { planChecks } from '../plan/plan-checks.ts'
import { literalRelation } from './tables.ts'

/** A fixture as the parser of its format gives it. */
export function fixture(name: string): JsonValue {
  const text = readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8')
  return (name.endsWith('.json') ? JSON.parse(text) : parse(text)) as JsonValue
}

/**
 * Five calls of ships. By hand: one ship is missing and one begins with a small letter, one flag is unknown and one is
 * missing, tons are 12.5, 40, −1, 80.25 and missing; ships 2 and 5 are the same at the same time.
 */
export function harbour(session: Session): Relation {
  return literalRelation(
    session,
    {
      id: 'INTEGER',
      ship: 'VARCHAR',
      flag: 'VARCHAR',
      tons: 'DECIMAL(10,2)',
      captain_phone: 'VARCHAR',
      arrived: 'TIMESTAMP',
      left_at: 'TIMESTAMP',
    },
    {
      calls: [
        ['1', "'Alma'", "'NO'", '12.5', "'1'", "'2024-05-01 08:00:00'", "'2024-05-01 09:00:00'"],
        ['2', "'Bo'", "'DK'", '40', "'2'", "'2024-05-01 10:00:00'", "'2024-05-01 10:00:00'"],
        ['3', "'carla'", "'XX'", '-1', "'3'", "'2024-05-02 08:00:00'", "'2024-05-02 07:00:00'"],
        ['4', 'NULL', 'NULL', '80.25', "'4'", "'2024-05-02 09:00:00'", 'NULL'],
        ['5', "'Bo'", "'NO'", 'NULL', "'5'", "'2024-05-01 10:00:00'", "'2024-05-03 08:00:00'"],
      ],
    },
  )
}

/** Outcome by check id. */
export async function verdicts(
  session: Session,
  contract: Contract,
  relation: Relation,
  options: {
    readonly tables?: ReadonlyMap<string, OtherTable>
    readonly nowMs?: number
    readonly parameters?: Readonly<Record<string, JsonValue>>
  } = {},
): Promise<Readonly<Record<string, string>>> {
  const { tables, nowMs, parameters } = options
  const compiled = compileContract(contract, relation.columns, { schema: false, tables, parameters })
  const results = await evaluateChecks(session, planChecks(compiled, relation, session.dialect), { nowMs })
  const all: readonly CheckResult[] = [...results.values()].flat()
  return Object.fromEntries(
    all.map(({ id, outcome, unexpectedCount, error }) => [
      id,
      outcome === 'error'
        ? `error ${error?.code}: ${error?.message}`
        : unexpectedCount === undefined
          ? outcome
          : `${outcome} ${unexpectedCount}`,
    ]),
  )
}
