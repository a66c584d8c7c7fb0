/** Which tables an appending writer may touch. Pure. */
import { TidegateError } from '@tidegate/core'
import type { MetaDataAction, ProtocolAction } from './actions.ts'
import { parseSchema, walkFields, type DeltaField, type DeltaType } from './delta-type.ts'

/** Features that may be listed. Those with a condition below must not be in use as well. */
const KNOWN: ReadonlySet<string> = new Set([
  'appendOnly',
  'invariants',
  'checkConstraints',
  'changeDataFeed', // an append needs no change files
  'generatedColumns',
  'allowColumnDefaults',
  'columnMapping',
  'identityColumns',
  'timestampNtz',
  'domainMetadata', // an append leaves domains as they are
  'inCommitTimestamp',
  'vacuumProtocolCheck', // nothing is vacuumed
  'typeWidening', // types are not changed, and those of the table are written
  'typeWidening-preview',
  'variantType', // a column of that type is left out
  'variantType-preview',
])

/** Column metadata → feature. Each asks a writer to compute or to check values. */
const BY_COLUMN: readonly (readonly [key: string, feature: string])[] = [
  ['delta.invariants', 'invariants'],
  ['delta.generationExpression', 'generatedColumns'],
  ['delta.identity.start', 'identityColumns'],
  ['CURRENT_DEFAULT', 'allowColumnDefaults'],
]

/**
 * What this table needs and this version cannot do, by the names of the protocol; empty for a table that it can append to.
 * A feature that is listed but not in use is none.
 */
export function unsupportedFeatures(protocol: ProtocolAction, metaData: MetaDataAction): readonly string[] {
  const { minReaderVersion, minWriterVersion } = protocol
  const found = new Set<string>()
  if (minReaderVersion > 3 || minReaderVersion < 1) found.add(`reader version ${minReaderVersion}`)
  if (minWriterVersion > 7 || minWriterVersion < 1) found.add(`writer version ${minWriterVersion}`)
  for (const feature of [...(protocol.readerFeatures ?? []), ...(protocol.writerFeatures ?? [])]) {
    if (!KNOWN.has(feature)) found.add(feature)
  }
  if (metaData.format.provider !== 'parquet') found.add(`files of format ${metaData.format.provider}`)
  const { configuration } = metaData
  const mapping = configuration['delta.columnMapping.mode'] ?? 'none'
  if (mapping !== 'none') found.add('columnMapping')
  if (isOn(configuration['delta.enableInCommitTimestamps'])) found.add('inCommitTimestamp')
  if (isOn(configuration['delta.enableDeletionVectors'])) found.add('deletionVectors')
  if (isOn(configuration['delta.enableRowTracking'])) found.add('rowTracking')
  if (Object.keys(configuration).some((key) => key.startsWith('delta.constraints.'))) found.add('checkConstraints')
  // Expired transactions would be loaded again: they are our proof of what is there.
  if (configuration['delta.setTransactionRetentionDuration'] !== undefined) {
    found.add('delta.setTransactionRetentionDuration')
  }
  for (const feature of schemaFeatures(parseSchema(metaData.schemaString))) found.add(feature)
  return [...found].toSorted()
}

/** @throws DELTA_UNSUPPORTED naming what is missing */
export function assertSupported(directory: string, protocol: ProtocolAction, metaData: MetaDataAction): void {
  const missing = unsupportedFeatures(protocol, metaData)
  if (missing.length === 0) return
  throw new TidegateError(
    'DELTA_UNSUPPORTED',
    `The Delta table ${directory} needs what this version cannot write: ${missing.join(', ')}.`,
    {
      hint: 'Drop these features from the table with its own engine, or load into another table.',
      dataNow: 'Nothing was changed.',
    },
  )
}

function* schemaFeatures(fields: readonly DeltaField[]): Generator<string> {
  for (const { path, field } of walkFields(fields)) {
    for (const [key, feature] of BY_COLUMN) if (key in field.metadata) yield `${feature} (column ${path.join('.')})`
    // Whether a nested value is there is not counted; a top-level one is.
    if (path.length > 1 && !field.nullable) yield `a nested field that may not be NULL (${path.join('.')})`
    if (hasRequiredItems(field.type)) yield `items that may not be NULL (${path.join('.')})`
  }
}

/** Structs in between have fields of their own, which are walked. */
function hasRequiredItems(type: DeltaType): boolean {
  if (typeof type === 'string') return false
  if (type.type === 'array') return !type.containsNull || hasRequiredItems(type.elementType)
  return type.type === 'map' && (!type.valueContainsNull || hasRequiredItems(type.valueType))
}

function isOn(value: string | undefined): boolean {
  return value?.toLowerCase() === 'true'
}
