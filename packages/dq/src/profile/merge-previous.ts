import type { Contract, ContractColumn, Expectation } from '@tidegate/core'
import { expectationColumns } from '../compile/check-ids.ts'
import { isAssignable } from '../expression/data-type.ts'
import type { Draft, RuleGroup } from './draft.ts'
import type { ColumnProfile, Profile } from './profile-types.ts'
import { sameContent } from './same-content.ts'
import { settleText } from './settle-text.ts'
import type { DroppedSuggestion } from './suggestion.ts'
import { tryDraft } from './try-draft.ts'

export interface Merged {
  readonly contract: Contract
  /** Rules of the contract in force that went although the data does not break them. */
  readonly dropped: readonly DroppedSuggestion[]
}

/**
 * The contract in force, changed only where the data asks for it:
 *
 * - what people wrote stays: description, gate, file rules, read options, severities, ids, rules of other kinds;
 * - a rule that the data satisfies stays as it is; one that the data breaks is replaced by the learned one of the same
 *   kind, or goes if none was learned;
 * - columns that are new come with their learned rules, columns that are gone go with theirs. One of which there is a rule of
 *   the same kind already (an imported contract has rules and no schema) comes without the learned one;
 * - rules are not added to columns that the contract knows already: somebody may have taken them out;
 * - types widen, they never narrow; `nullable: false` stays only without nulls. A column whose rules ask for text is read as
 *   text where it can be; else those rules go.
 *
 * The version goes up by one if anything changed.
 */
export function mergePrevious(previous: Contract, learned: Contract, profile: Profile): Merged {
  const columns = new Map(profile.columns.map((column) => [column.name, column]))
  const known = new Set(Object.keys(previous.schema.columns))

  const kept = previous.expectations.flatMap((before): readonly Expectation[] => {
    const names = expectationColumns(before)
    if (names.some((name) => known.has(name) && !columns.has(name))) return []
    const column = columns.get(names[0] ?? '')
    const group = GROUPS[before.type]
    if (
      names.length !== 1 ||
      column === undefined ||
      group === undefined ||
      before.kwargs['row_condition'] !== undefined ||
      JSON.stringify(before.kwargs).includes('"$PARAMETER"')
    )
      return [before]
    const draft: Draft = { group, place: 'expectations', expectation: before, satisfied: 0, considered: 0, basis: '' }
    if (tryDraft(draft, column) === undefined) return [before]
    const own = learned.expectations.find((item) => item.type === before.type && item.kwargs['column'] === column.name)
    return own === undefined ? [] : [{ ...before, kwargs: own.kwargs }]
  })

  const merged = Object.create(null) as Record<string, ContractColumn>
  for (const [name, own] of Object.entries(learned.schema.columns)) {
    const before = known.has(name) ? previous.schema.columns[name] : undefined
    merged[name] = before === undefined ? newColumn(name, own, kept) : mergeColumn(before, own, columns.get(name))
  }
  const { schema, expectations, dropped } = settleText(merged, kept, (previous.read ?? learned.read) !== undefined)

  const added = learned.expectations.filter((item) => {
    const name = item.kwargs['column']
    if (typeof name !== 'string' || known.has(name) || isToldAlready(item, kept)) return false
    // What was learned of dates or numbers says nothing of their texts.
    return schema[name]?.type === learned.schema.columns[name]?.type || OF_ANY_TYPE.has(GROUPS[item.type])
  })

  const contract: Contract = { ...previous, schema: { columns: schema }, expectations: [...expectations, ...added] }
  return {
    contract: sameContent(contract, previous) ? previous : { ...contract, version: previous.version + 1 },
    dropped,
  }
}

/** Whether a rule for the same rows of the same column says something of this kind. */
function isToldAlready({ type, kwargs }: Expectation, rules: readonly Expectation[]): boolean {
  return rules.some(
    (rule) =>
      rule.kwargs['column'] === kwargs['column'] &&
      rule.kwargs['row_condition'] === undefined &&
      (rule.type === type || (GROUPS[type] !== undefined && GROUPS[rule.type] === GROUPS[type])),
  )
}

/** A rule about nulls stands for `nullable`: it may allow some. */
function newColumn(name: string, own: ContractColumn, rules: readonly Expectation[]): ContractColumn {
  const told = isToldAlready({ type: 'expect_column_values_to_not_be_null', kwargs: { column: name } }, rules)
  if (!told || own.nullable !== false) return own
  const { nullable: _, ...rest } = own
  return rest
}

function mergeColumn(before: ContractColumn, own: ContractColumn, column: ColumnProfile | undefined): ContractColumn {
  const type = isAssignable(own.type, before.type) ? before.type : own.type
  const sensitive = before.sensitive ?? own.sensitive
  const { nullable, ...rest } = before
  const stays = nullable !== undefined && (nullable || (column?.nulls ?? 0) === 0)
  return {
    ...rest,
    type,
    ...(stays ? { nullable } : {}),
    ...(sensitive === undefined ? {} : { sensitive }),
  }
}

/** Kinds of rules that a profile can judge. */
const GROUPS: Readonly<Record<string, RuleGroup | undefined>> = {
  expect_column_values_to_not_be_null: 'null',
  expect_column_values_to_be_unique: 'unique',
  expect_column_values_to_be_between: 'range',
  expect_column_values_to_be_in_set: 'set',
  expect_column_value_lengths_to_equal: 'length',
  expect_column_value_lengths_to_be_between: 'length',
}

const OF_ANY_TYPE: ReadonlySet<RuleGroup | undefined> = new Set(['null', 'unique'])
