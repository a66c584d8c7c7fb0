/** The actions of one commit, against one version of the table. Pure. */
import type { AddAction, DeltaCommit, MetaDataAction, ProtocolAction } from './actions.ts'
import { parseSchema, serializeSchema, walkFields, type DeltaField } from './delta-type.ts'
import { batchAppId, sourceAppId } from './layout.ts'
import type { Manifest } from './manifest.ts'
import { encodePath } from './partition.ts'
import { fits } from './plan-columns.ts'
import type { Snapshot } from './snapshot-state.ts'

export interface CommitFacts {
  /** Number of our entry, counted over the table. */
  readonly seq: number
  /** Unix milliseconds. */
  readonly now: number
  /** Id of the table, if this commit makes it. */
  readonly newTableId: string
}

export type CommitPlan =
  | { readonly kind: 'ok'; readonly commit: DeltaCommit }
  /** The table is no longer what the parts were written for. */
  | { readonly kind: 'conflict'; readonly because: string }

/**
 * What others did since the parts were written matters only as far as the parts no longer fit: a blind append does not
 * depend on which rows are there. Whether our own batches came in between is the ledger's test, not this one.
 */
export function planCommit(snapshot: Snapshot, manifest: Manifest, facts: CommitFacts): CommitPlan {
  const { entry } = manifest
  const table = snapshot.metaData === undefined ? newTable(manifest, facts) : changedTable(snapshot, manifest)
  if (typeof table === 'string') return { kind: 'conflict', because: table }
  const adds = entry.add.map((part): AddAction => ({
    path: encodePath(part.visible),
    partitionValues: part.delta.partitionValues,
    size: part.bytes,
    modificationTime: facts.now,
    dataChange: true,
    stats: part.delta.stats,
  }))
  const rows = entry.add.reduce((sum, part) => sum + part.rows, 0)
  const counter = sourceAppId(entry.source)
  return {
    kind: 'ok',
    commit: {
      commitInfo: {
        timestamp: facts.now,
        operation: 'WRITE',
        operationParameters: { mode: 'Append', partitionBy: JSON.stringify(manifest.partitionColumns) },
        ...(snapshot.version < 0 ? {} : { readVersion: snapshot.version }),
        isBlindAppend: true,
        engineInfo: 'tidegate',
        operationMetrics: {
          numFiles: String(adds.length),
          numOutputRows: String(rows),
          numOutputBytes: String(adds.reduce((sum, add) => sum + add.size, 0)),
        },
      },
      ...table,
      txns: [
        { appId: counter, version: (snapshot.txns.get(counter) ?? 0) + 1, lastUpdated: facts.now },
        { appId: batchAppId(entry.source, entry.batch), version: facts.seq, lastUpdated: facts.now },
      ],
      adds,
      removes: [],
    },
  }
}

type TableChange = Pick<DeltaCommit, 'protocol' | 'metaData'>

const FIRST_PROTOCOL: ProtocolAction = { minReaderVersion: 1, minWriterVersion: 2 }
const NTZ = 'timestampNtz'

function newTable({ fields, partitionColumns }: Manifest, { now, newTableId }: CommitFacts): TableChange {
  const metaData: MetaDataAction = {
    id: newTableId,
    format: { provider: 'parquet', options: {} },
    schemaString: serializeSchema(fields),
    partitionColumns,
    configuration: {},
    createdTime: now,
  }
  return { protocol: hasNtz(fields) ? withNtz(FIRST_PROTOCOL) : FIRST_PROTOCOL, metaData }
}

/** Metadata and protocol where they change; a text where the parts do not fit. */
function changedTable({ metaData, protocol }: Snapshot, manifest: Manifest): TableChange | string {
  if (metaData === undefined || protocol === undefined) return 'the table has no metadata'
  if (manifest.entry.add.length === 0) return {}
  const current = parseSchema(metaData.schemaString)
  if (current.length === 0) return firstColumns(metaData, protocol, manifest)
  if (metaData.partitionColumns.join('\n') !== manifest.partitionColumns.join('\n')) {
    return `the table is partitioned by (${metaData.partitionColumns.join(', ')}), the parts by (${manifest.partitionColumns.join(', ')})`
  }
  const known = new Map(current.map((field) => [field.name.toLowerCase(), field]))
  const brought = new Map(manifest.fields.map((field) => [field.name.toLowerCase(), field]))
  for (const field of current) {
    const own = brought.get(field.name.toLowerCase())
    if (!field.nullable && own?.nullable !== false) {
      return `column ${field.name} may not be NULL any more`
    }
    const same = own === undefined || (fits(own.type, field.type) && fits(field.type, own.type))
    if (!same) return `column ${field.name} has another type now`
  }
  const added = manifest.fields.filter((field) => !known.has(field.name.toLowerCase()))
  if (added.length === 0) return {}
  const required = added.find((field) => !field.nullable)
  if (required !== undefined) return `column ${required.name} is gone`
  const changed = { ...metaData, schemaString: serializeSchema([...current, ...added]) }
  if (!hasNtz(added) || supportsNtz(protocol)) return { metaData: changed }
  return { protocol: withNtz(protocol), metaData: changed }
}

/** Held files alone make a table without columns; it gets them, and its partitions, with the first rows. */
function firstColumns(
  metaData: MetaDataAction,
  protocol: ProtocolAction,
  { fields, partitionColumns }: Manifest,
): TableChange {
  const changed = { ...metaData, schemaString: serializeSchema(fields), partitionColumns }
  return hasNtz(fields) && !supportsNtz(protocol)
    ? { protocol: withNtz(protocol), metaData: changed }
    : { metaData: changed }
}

function hasNtz(fields: readonly DeltaField[]): boolean {
  for (const { field } of walkFields(fields)) if (JSON.stringify(field.type).includes('"timestamp_ntz"')) return true
  return false
}

function supportsNtz({ readerFeatures, writerFeatures }: ProtocolAction): boolean {
  return readerFeatures?.includes(NTZ) === true && writerFeatures?.includes(NTZ) === true
}

/** Features that each writer version brought along; a table with feature lists must name them. */
const BY_WRITER: readonly (readonly string[])[] = [
  [],
  [],
  ['appendOnly', 'invariants'],
  ['checkConstraints'],
  ['changeDataFeed', 'generatedColumns'],
  ['columnMapping'],
  ['identityColumns'],
]

function withNtz({
  minReaderVersion,
  minWriterVersion,
  readerFeatures,
  writerFeatures,
}: ProtocolAction): ProtocolAction {
  const reader = minReaderVersion >= 3 ? (readerFeatures ?? []) : minReaderVersion === 2 ? ['columnMapping'] : []
  const writer = minWriterVersion >= 7 ? (writerFeatures ?? []) : BY_WRITER.slice(0, minWriterVersion + 1).flat()
  return {
    minReaderVersion: 3,
    minWriterVersion: 7,
    readerFeatures: [...new Set([...reader, NTZ])],
    // What readers must know writers must know, too.
    writerFeatures: [...new Set([...writer, ...reader, NTZ])],
  }
}
