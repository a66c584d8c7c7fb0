import { expect, test } from 'vitest'
import type { MetaDataAction, ProtocolAction } from './actions.ts'
import { assertSupported, unsupportedFeatures } from './supported.ts'

const OLD: ProtocolAction = { minReaderVersion: 1, minWriterVersion: 2 }

function listed(reader: readonly string[], writer: readonly string[]): ProtocolAction {
  return { minReaderVersion: 3, minWriterVersion: 7, readerFeatures: reader, writerFeatures: writer }
}

function metaOf(
  field: object,
  configuration: Readonly<Record<string, string>> = {},
  more: object = {},
): MetaDataAction {
  const fields = [{ name: 'a', type: 'long', nullable: true, metadata: {}, ...field }]
  const schemaString = JSON.stringify({ type: 'struct', fields })
  return { id: 'i', format: { provider: 'parquet' }, schemaString, partitionColumns: [], configuration, ...more }
}

test.each<[string, ProtocolAction, MetaDataAction]>([
  ['an old table', OLD, metaOf({})],
  [
    'column mapping that is listed and off',
    { minReaderVersion: 2, minWriterVersion: 6 },
    metaOf({}, { 'delta.columnMapping.mode': 'none' }),
  ],
  [
    'harmless features',
    listed(
      ['timestampNtz', 'vacuumProtocolCheck'],
      ['timestampNtz', 'appendOnly', 'invariants', 'changeDataFeed', 'domainMetadata'],
    ),
    metaOf({ nullable: false }, { 'delta.appendOnly': 'true', 'delta.enableChangeDataFeed': 'true' }),
  ],
])('%s can be appended to', (_, protocol, metaData) => {
  expect(unsupportedFeatures(protocol, metaData)).toEqual([])
})

test.each<[string, ProtocolAction, MetaDataAction]>([
  ['reader version 4', { minReaderVersion: 4, minWriterVersion: 7 }, metaOf({})],
  ['deletionVectors', listed(['deletionVectors'], ['deletionVectors']), metaOf({})],
  ['v2Checkpoint', listed(['v2Checkpoint'], ['v2Checkpoint']), metaOf({})],
  ['catalogManaged', listed(['catalogManaged'], ['catalogManaged']), metaOf({})],
  ['rowTracking', listed([], ['rowTracking']), metaOf({})],
  ['columnMapping', { minReaderVersion: 2, minWriterVersion: 5 }, metaOf({}, { 'delta.columnMapping.mode': 'name' })],
  ['inCommitTimestamp', listed([], ['inCommitTimestamp']), metaOf({}, { 'delta.enableInCommitTimestamps': 'true' })],
  [
    'checkConstraints',
    { minReaderVersion: 1, minWriterVersion: 3 },
    metaOf({}, { 'delta.constraints.positive': 'a > 0' }),
  ],
  [
    'delta.setTransactionRetentionDuration',
    OLD,
    metaOf({}, { 'delta.setTransactionRetentionDuration': 'interval 1 day' }),
  ],
  ['invariants (column a)', OLD, metaOf({ metadata: { 'delta.invariants': '{}' } })],
  ['generatedColumns (column a)', OLD, metaOf({ metadata: { 'delta.generationExpression': 'b' } })],
  [
    'identityColumns (column a.b)',
    OLD,
    metaOf({
      type: {
        type: 'struct',
        fields: [{ name: 'b', type: 'long', nullable: true, metadata: { 'delta.identity.start': 1 } }],
      },
    }),
  ],
  [
    'items that may not be NULL (a)',
    OLD,
    metaOf({ type: { type: 'array', elementType: 'long', containsNull: false } }),
  ],
  ['files of format orc', OLD, metaOf({}, {}, { format: { provider: 'orc' } })],
])('%s is refused by its name', (feature, protocol, metaData) => {
  expect(unsupportedFeatures(protocol, metaData)).toEqual([feature])
  expect(() => assertSupported('/t', protocol, metaData)).toThrow(
    expect.objectContaining({ code: 'DELTA_UNSUPPORTED', message: expect.stringContaining(feature) as string }),
  )
})
