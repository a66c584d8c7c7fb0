import type { ContractVersion, SchemaVersionFact } from '@tidegate/core'
import type { Facts } from '../facts.ts'
import { groupBy, isoTime, keyOf } from '../figures.ts'
import type { MonitorContext } from '../monitored-source.ts'
import { oncePerFacts } from '../once-per-facts.ts'
import { amount, listing } from '../wording.ts'
import { linkTo } from './link.ts'
import type { DatasetContract, DatasetSchema, SchemaChange, SchemasView } from './schemas-view.ts'

const CHANGES = 200

/** How the shape of the data and what is asked of it changed. */
export function schemas(facts: Facts, _context: MonitorContext): SchemasView {
  return known(facts)
}

const known = oncePerFacts((facts): SchemasView => {
  const schemaGroups = Array.from(
    groupBy(facts.schemas, ({ location, source, dataset }) => keyOf(location, source, dataset)).values(),
    (group) => group.toSorted((a, b) => a.firstSeenMs - b.firstSeenMs || a.seq - b.seq),
  )
  const contractGroups = Array.from(
    groupBy(facts.contracts, ({ source, dataset }) => keyOf(source, dataset)).values(),
    (group) => group.toSorted((a, b) => a.firstUsedMs - b.firstUsedMs),
  )
  const inWindow = (ms: number): boolean => ms >= facts.sinceMs && ms < facts.untilMs
  const changes = [
    ...schemaGroups.flatMap((versions) => changesOf(versions, schemaChange, (now) => inWindow(now.firstSeenMs))),
    ...contractGroups.flatMap((versions) => changesOf(versions, contractChange, (now) => inWindow(now.firstUsedMs))),
  ].toSorted((a, b) => (a.at > b.at ? -1 : Number(a.at < b.at)))
  const datasets = schemaGroups.map((versions) => datasetSchema(versions))
  return {
    summary: summarise(datasets, changes),
    datasets,
    contracts: contractGroups.map((versions) => datasetContract(versions)),
    changes: changes.slice(0, CHANGES),
    changesTotal: changes.length,
  }
})

function summarise(datasets: readonly DatasetSchema[], changes: readonly SchemaChange[]): string {
  if (datasets.length === 0 && changes.length === 0) return 'No schema was recorded.'
  if (changes.length === 0) return `No schema and no contract changed; ${amount(datasets.length, 'dataset')} looked at.`
  const breaking = changes.filter((change) => change.breaking).length
  const danger = breaking === 0 ? 'none of them breaking' : `${breaking} of them may break readers`
  const last = changes[0]
  return `${amount(changes.length, 'change')}, ${danger}; the last one of ${last?.dataset ?? ''}: ${last?.text ?? ''}.`
}

function changesOf<Version>(
  versions: readonly Version[],
  compare: (before: Version, now: Version) => SchemaChange,
  isWanted: (now: Version) => boolean,
): readonly SchemaChange[] {
  return versions.flatMap((now, index) => {
    const before = versions[index - 1]
    return before !== undefined && isWanted(now) ? [compare(before, now)] : []
  })
}

function datasetSchema(versions: readonly SchemaVersionFact[]): DatasetSchema {
  // Groups are made of at least one version.
  const newest = versions.at(-1)!
  const { source, dataset, location } = newest
  return {
    source,
    dataset,
    location,
    versions: versions.map(({ id, seq, firstSeenMs, columns }) => ({
      id,
      seq,
      firstSeenAt: isoTime(firstSeenMs),
      columns: columns.length,
    })),
    columns: newest.columns,
    link: linkTo('datasets', { source, dataset }),
  }
}

function datasetContract(versions: readonly ContractVersion[]): DatasetContract {
  // Groups are made of at least one version.
  const { source, dataset } = versions[0]!
  return {
    source,
    dataset,
    versions: versions.map(({ id, version, firstUsedMs, columns, checks, run }) => ({
      id,
      version,
      firstUsedAt: isoTime(firstUsedMs),
      columns: columns.length,
      checks: checks.length,
      run,
    })),
    link: linkTo('datasets', { source, dataset }),
  }
}

function schemaChange(before: SchemaVersionFact, now: SchemaVersionFact): SchemaChange {
  const change = compareNamed(
    before.columns.map(({ name, type }) => ({ name, told: type })),
    now.columns.map(({ name, type }) => ({ name, told: type })),
  )
  const { source, dataset, location, firstSeenMs } = now
  return {
    kind: 'schema',
    at: isoTime(firstSeenMs) ?? '',
    source,
    dataset,
    location,
    ...change,
    breaking: change.removed.length > 0 || change.changed.length > 0,
    text: describeChange(change, 'the order of columns changed'),
    link: linkTo('datasets', { source, dataset }),
  }
}

function contractChange(before: ContractVersion, now: ContractVersion): SchemaChange {
  const columns = compareNamed(columnsOf(before), columnsOf(now))
  const checks = compareNamed(checksOf(before), checksOf(now))
  const change = {
    added: [...columns.added, ...checks.added],
    removed: [...columns.removed, ...checks.removed],
    changed: [...columns.changed, ...checks.changed],
  }
  const { source, dataset, firstUsedMs } = now
  return {
    kind: 'contract',
    at: isoTime(firstUsedMs) ?? '',
    source,
    dataset,
    location: null,
    ...change,
    breaking: columns.removed.length > 0 || typesChanged(before, now),
    text: describeChange(change, 'other terms than columns and checks'),
    link: linkTo('datasets', { source, dataset }),
  }
}

interface Named {
  readonly name: string
  readonly told: string
}

function columnsOf({ columns }: ContractVersion): readonly Named[] {
  return columns.map(({ name, type, nullable, required, sensitive }) => ({
    name,
    told: [type, nullable ? '' : 'not null', required ? 'required' : '', sensitive ? 'sensitive' : '']
      .filter((part) => part !== '')
      .join(' '),
  }))
}

/** Of a check's arguments only the digest is known. */
function checksOf({ checks }: ContractVersion): readonly Named[] {
  return checks.map(({ id, type, severity, digest }) => ({
    name: `check ${id}`,
    told: `${type} ${severity} ${digest}`,
  }))
}

function typesChanged(before: ContractVersion, now: ContractVersion): boolean {
  const types = new Map(before.columns.map(({ name, type }) => [name, type]))
  return now.columns.some(({ name, type }) => types.has(name) && types.get(name) !== type)
}

type Differences = Pick<SchemaChange, 'added' | 'removed' | 'changed'>

function compareNamed(before: readonly Named[], now: readonly Named[]): Differences {
  const old = new Map(before.map(({ name, told }) => [name, told]))
  const kept = new Set(now.map(({ name }) => name))
  return {
    added: now.filter(({ name }) => !old.has(name)).map(({ name }) => name),
    removed: before.filter(({ name }) => !kept.has(name)).map(({ name }) => name),
    changed: now.flatMap(({ name, told }) => {
      const from = old.get(name)
      return from === undefined || from === told ? [] : [{ name, from, to: told }]
    }),
  }
}

function describeChange({ added, removed, changed }: Differences, otherwise: string): string {
  const parts = [
    ...(added.length > 0 ? [`added ${listing(added)}`] : []),
    ...(removed.length > 0 ? [`removed ${listing(removed)}`] : []),
    ...(changed.length > 0 ? [`changed ${listing(changed.map(({ name }) => name))}`] : []),
  ]
  return parts.length === 0 ? otherwise : parts.join('; ')
}
