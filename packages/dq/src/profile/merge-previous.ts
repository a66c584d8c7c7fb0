import type { Contract, ContractColumn, Expectation } from '@tidegate/core'
import { expectationColumns } from '../check-ids.ts'
import { isAssignable } from '../data-type.ts'
import type { Draft, RuleGroup } from './draft.ts'
import type { ColumnProfile, Profile } from './profile-types.ts'
import { sameContent } from './same-content.ts'
import { tryDraft } from './try-draft.ts'

/**
 * The contract in force, changed only where the data asks for it:
 *
 * - what people wrote stays: description, gate, file rules, read options, severities, ids, rules of other kinds;
 * - a rule that the data satisfies stays as it is; one that the data breaks is replaced by the learned one of the same
 *   kind, or goes if none was learned;
 * - columns that are new come with their learned rules, columns that are gone go with theirs;
 * - rules are not added to columns that the contract knows already: somebody may have taken them out;
 * - types widen, they never narrow; `nullable: false` stays only without nulls.
 *
 * The version goes up by one if anything changed.
 */
export function mergePrevious(previous: Contract, learned: Contract, profile: Profile): Contract {
  const columns = new Map(profile.columns.map((column) => [column.name, column]))
  const known = new Set(Object.keys(previous.schema.columns))

  const merged = Object.create(null) as Record<string, ContractColumn>
  for (const [name, own] of Object.entries(learned.schema.columns)) {
    const before = known.has(name) ? previous.schema.columns[name] : undefined
    merged[name] = before === undefined ? own : mergeColumn(before, own, columns.get(name))
  }

  const kept = previous.expectations.flatMap((before): readonly Expectation[] => {
    const names = expectationColumns(before)
    if (names.some((name) => known.has(name) && !columns.has(name))) return []
    const column = columns.get(names[0] ?? '')
    const group = GROUPS[before.type]
    if (
      names.length !== 1 ||
      column === undefined ||
      group === undefined ||
      before.kwargs['row_condition'] !== undefined
    )
      return [before]
    const draft: Draft = { group, place: 'expectations', expectation: before, satisfied: 0, considered: 0, basis: '' }
    if (tryDraft(draft, column) === undefined) return [before]
    const own = learned.expectations.find((item) => item.type === before.type && item.kwargs['column'] === column.name)
    return own === undefined ? [] : [{ ...before, kwargs: own.kwargs }]
  })
  const added = learned.expectations.filter((item) => {
    const name = item.kwargs['column']
    return typeof name === 'string' && !known.has(name)
  })

  const contract: Contract = { ...previous, schema: { columns: merged }, expectations: [...kept, ...added] }
  return sameContent(contract, previous) ? previous : { ...contract, version: previous.version + 1 }
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
