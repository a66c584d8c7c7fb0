import type { ColumnSchema, Contract, ContractColumn, Expectation, GateSettings } from '@tidegate/core'
import { checkIds } from '../compile/check-ids.ts'
import { classifySchemaDrift } from '../over-time/classify-schema-drift.ts'
import { typeChange, type TypeChange } from '../over-time/type-change.ts'
import { allowedBy, compareRules } from './compare-rules.ts'
import { sameContent } from './same-content.ts'
import { formatCount, formatExpectation, formatShare, formatValue } from './suggestion.ts'

export type ChangeKind = 'added' | 'removed' | 'tightened' | 'loosened' | 'changed'

/** One difference between two contracts. */
export interface ContractChange {
  /** Where, e.g. `schema.columns.delay.type` or `expectations.delay:between`. */
  readonly path: string
  readonly kind: ChangeKind
  /**
   * True where something that kept to the old contract may break on the new one: files that were admitted may now be
   * held, or readers lose a column or a promise about its type.
   */
  readonly breaking: boolean
  /** One sentence for people. */
  readonly message: string
}

/** What changes from contract `a` to contract `b`, in the order file, schema, parameters, expectations, gate. Pure. */
export function diffContracts(a: Contract, b: Contract): readonly ContractChange[] {
  return [
    ...(a.contract === b.contract
      ? []
      : [change('contract', 'changed', true, `dataset ${a.contract} became ${b.contract}`)]),
    ...diffFile(a, b),
    ...diffRead(a, b),
    ...diffColumns(a, b),
    ...diffParameters(a, b),
    ...diffExpectations(a, b),
    ...diffGate(a.gate, b.gate),
  ]
}

function diffFile({ file: a = {} }: Contract, { file: b = {} }: Contract): readonly ContractChange[] {
  const bound = (key: 'min_bytes' | 'max_bytes'): readonly ContractChange[] => {
    const [from, to] = [a[key], b[key]]
    if (from === to) return []
    const open = key === 'min_bytes' ? -Infinity : Infinity
    const narrower = key === 'min_bytes' ? (to ?? open) > (from ?? open) : (to ?? open) < (from ?? open)
    return [
      change(`file.${key}`, narrower ? 'tightened' : 'loosened', narrower, `${key}: ${said(from)} became ${said(to)}`),
    ]
  }
  const named = a.name === b.name ? [] : [nameChange(a.name, b.name)]
  return [...named, ...bound('min_bytes'), ...bound('max_bytes')]
}

function nameChange(from: string | undefined, to: string | undefined): ContractChange {
  if (to === undefined)
    return change('file.name', 'loosened', false, `any file name is allowed, no longer only ${from}`)
  return change('file.name', from === undefined ? 'tightened' : 'changed', true, `file names must match ${to}`)
}

function diffRead({ read: a }: Contract, { read: b }: Contract): readonly ContractChange[] {
  const keys = [...new Set([...Object.keys(a ?? {}), ...Object.keys(b ?? {})])].sort()
  const [before, after] = [new Map(Object.entries(a ?? {})), new Map(Object.entries(b ?? {}))]
  return keys
    .filter((key) => JSON.stringify(before.get(key)) !== JSON.stringify(after.get(key)))
    .map((key) =>
      change(
        `read.${key}`,
        'changed',
        true,
        `files are read with ${key} ${said(after.get(key))} instead of ${said(before.get(key))}`,
      ),
    )
}

/** What a value does to the checks that use it is not known here: it may hold files that were admitted. */
function diffParameters({ parameters: a = {} }: Contract, { parameters: b = {} }: Contract): readonly ContractChange[] {
  const [before, after] = [new Map(Object.entries(a)), new Map(Object.entries(b))]
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((name) => !sameContent(before.get(name), after.get(name)))
    .map((name) =>
      change(
        `parameters.${name}`,
        before.has(name) ? (after.has(name) ? 'changed' : 'removed') : 'added',
        before.has(name),
        `parameter ${name}: ${said(before.get(name))} became ${said(after.get(name))}`,
      ),
    )
}

function diffColumns({ schema: a }: Contract, { schema: b }: Contract): readonly ContractChange[] {
  const before = new Map(Object.entries(a.columns))
  const after = new Map(Object.entries(b.columns))
  const renames = renamedColumns(a, b)
  const oldNames = new Map([...renames].map(([from, to]) => [to, from]))
  const gone = [...before.keys()]
    .filter((name) => !after.has(name))
    .map((name) => {
      const to = renames.get(name)
      const path = `schema.columns.${name}`
      return to === undefined
        ? change(path, 'removed', true, `column ${name} is no longer promised`)
        : change(path, 'changed', true, `column ${name} is called ${to} now`)
    })
  return [
    ...gone,
    ...[...after].flatMap(([name, column]) => {
      const old = before.get(oldNames.get(name) ?? name)
      return old === undefined ? [addedColumn(name, column)] : diffColumn(name, old, column)
    }),
  ]
}

/** Old name → new name. */
function renamedColumns(a: Contract['schema'], b: Contract['schema']): ReadonlyMap<string, string> {
  const columns = ({ columns: all }: Contract['schema']): readonly ColumnSchema[] =>
    Object.entries(all).map(([name, { type }]) => ({ name, type }))
  return new Map(
    classifySchemaDrift(columns(a), columns(b)).flatMap(({ kind, column, to }) =>
      kind === 'renamed' && to !== undefined ? [[column, to] as const] : [],
    ),
  )
}

function addedColumn(name: string, { type, required }: ContractColumn): ContractChange {
  const must = required ?? true
  return change(
    `schema.columns.${name}`,
    'added',
    must,
    `column ${name} (${type}) is new${must ? ' and must be in every file' : ', files may lack it'}`,
  )
}

function diffColumn(name: string, a: ContractColumn, b: ContractColumn): readonly ContractChange[] {
  const path = `schema.columns.${name}`
  const changes: ContractChange[] = []
  const kind = TYPE_CHANGES[typeChange(a.type, b.type)]
  if (kind !== undefined)
    changes.push(change(`${path}.type`, kind, kind !== 'loosened', `type of ${name}: ${a.type} became ${b.type}`))
  const flag = (key: 'nullable' | 'required', strict: boolean, tight: string, loose: string): void => {
    const [from, to] = [a[key] ?? true, b[key] ?? true]
    if (from === to) return
    const tightened = to === strict
    changes.push(
      change(`${path}.${key}`, tightened ? 'tightened' : 'loosened', tightened, `${name} ${tightened ? tight : loose}`),
    )
  }
  flag('nullable', false, 'must not be null any more', 'may be null now')
  flag('required', true, 'must be in every file now', 'may be missing in a file now')
  if (a.sensitive !== b.sensitive) {
    // Readers lose values only where the stored data changes.
    const stored = [a.sensitive, b.sensitive].some((way) => way === 'hash' || way === 'drop')
    changes.push(
      change(
        `${path}.sensitive`,
        'changed',
        stored,
        `${name} is ${b.sensitive === undefined ? 'not sensitive any more' : `sensitive now (${b.sensitive})`}`,
      ),
    )
  }
  return changes
}

/** A contract whose type is wider lets more in. */
const TYPE_CHANGES: Readonly<Record<TypeChange, ChangeKind | undefined>> = {
  same: undefined,
  widened: 'loosened',
  narrowed: 'tightened',
  'type-changed': 'changed',
}

function diffExpectations(a: Contract, b: Contract): readonly ContractChange[] {
  const before = keyed(a)
  const after = keyed(b)
  const removed = [...before]
    .filter(([key]) => !after.has(key))
    .map(([key, rule]) =>
      change(`expectations.${key}`, 'removed', false, `no longer checked: ${formatExpectation(rule)}`),
    )
  return [
    ...removed,
    ...[...after].flatMap(([key, rule]): readonly ContractChange[] => {
      const old = before.get(key)
      const path = `expectations.${key}`
      const holds = (rule.severity ?? 'critical') === 'critical'
      if (old === undefined) return [change(path, 'added', holds, `newly checked: ${formatExpectation(rule)}`)]
      const kind = compareRules(old, rule)
      if (kind === 'same') return []
      // A limit for warnings holds no file.
      const harder = compareRules({ ...old, warn: undefined }, { ...rule, warn: undefined })
      const text =
        formatExpectation(old) === formatExpectation(rule)
          ? severityText(old, rule)
          : `${formatExpectation(old)} became ${formatExpectation(rule)}${severityText(old, rule, ', ')}`
      return [change(path, kind, harder !== 'same' && harder !== 'loosened' && holds, text)]
    }),
  ]
}

function severityText(a: Expectation, b: Expectation, before = `${formatExpectation(b)}, `): string {
  const [from, to] = [a.severity ?? 'critical', b.severity ?? 'critical']
  if (from === to && !sameContent(a.fail, b.fail)) return `${before}${limitText(a)} became ${limitText(b)}`
  return from === to ? (before === ', ' ? '' : `${before}other arguments`) : `${before}${from} became ${to}`
}

/** How many rows may break it. */
function limitText(rule: Expectation): string {
  const allowed = allowedBy(rule)
  if (allowed === undefined) return 'mostly by a parameter'
  if (rule.fail === undefined && allowed.count === 0) return 'no exception allowed'
  const parts = [
    ...(allowed.count === undefined ? [] : [formatCount(allowed.count, 'row')]),
    ...(allowed.fraction === undefined ? [] : [formatShare(allowed.fraction)]),
  ]
  return `at most ${parts.join(' and ')} allowed to break it`
}

function keyed(contract: Contract): ReadonlyMap<string, Expectation> {
  const ids = checkIds(contract)
  return new Map(contract.expectations.map((rule, position) => [ids[position] ?? '', rule]))
}

function diffGate(a: GateSettings = {}, b: GateSettings = {}): readonly ContractChange[] {
  const changes: ContractChange[] = []
  const [from, to] = [a.threshold ?? 100, b.threshold ?? 100]
  if (from !== to)
    changes.push(
      change('gate.threshold', to > from ? 'tightened' : 'loosened', to > from, `score needed: ${from} became ${to}`),
    )
  const [was, is] = [a.on_fail ?? 'quarantine', b.on_fail ?? 'quarantine']
  if (was !== is) {
    const tightened = STRICTNESS.indexOf(is) > STRICTNESS.indexOf(was)
    changes.push(
      change(
        'gate.on_fail',
        tightened ? 'tightened' : 'loosened',
        tightened,
        `a failed gate means ${is}, no longer ${was}`,
      ),
    )
  }
  return changes
}

const STRICTNESS: readonly string[] = ['warn', 'split', 'quarantine', 'fail']

function change(path: string, kind: ChangeKind, breaking: boolean, message: string): ContractChange {
  return { path, kind, breaking, message }
}

function said(value: unknown): string {
  return value === undefined ? 'unset' : formatValue(value)
}
