import { describe, expect, test } from 'vitest'
import { parseCommit, serializeCommit } from './actions.ts'

// Written by hand after the examples of the protocol, with fields and actions that this version does not know.
const TEXT = `{"commitInfo":{"timestamp":1515491537026,"operation":"INSERT"}}
{"protocol":{"minReaderVersion":1,"minWriterVersion":2,"novel":true}}
{"metaData":{"id":"af23","format":{"provider":"parquet","options":{}},"schemaString":"{}","partitionColumns":[],"novel":1}}

{"txn":{"appId":"3ba1","version":364475}}
{"add":{"path":"a%20b.parquet","partitionValues":{"d":null},"size":7,"modificationTime":1,"dataChange":true,"stats":"{}"}}
{"remove":{"path":"old.parquet","deletionTimestamp":1,"dataChange":true}}
{"cdc":{"path":"_change_data/c.parquet","partitionValues":{},"size":1,"dataChange":false}}
{"domainMetadata":{"domain":"x","configuration":"","removed":false}}
{"novelAction":{"a":1}}
`

test('a commit is read by its actions, and what it does not know it skips or keeps', () => {
  const commit = parseCommit(TEXT, 'f')
  expect(commit.commitInfo).toEqual({ timestamp: 1515491537026, operation: 'INSERT' })
  expect(commit.protocol).toMatchObject({ minReaderVersion: 1, minWriterVersion: 2 })
  expect(commit.metaData).toMatchObject({ id: 'af23', configuration: {}, novel: 1 })
  expect(commit.txns).toEqual([{ appId: '3ba1', version: 364475 }])
  expect(commit.adds.map((add) => add.path)).toEqual(['a%20b.parquet'])
  expect(commit.removes.map((remove) => remove.path)).toEqual(['old.parquet'])
  expect(parseCommit(serializeCommit(commit), 'g')).toEqual(commit)
})

describe('a damaged commit is named with its line:', () => {
  test.each([
    ['cut in the middle', '{"add":{"path":"a","si', 'line 1'],
    ['not an object', '{"commitInfo":{}}\n[1]', 'line 2'],
    ['an add without size', '{"add":{"path":"a"}}', 'size = undefined'],
    ['a negative size', '{"add":{"path":"a","size":-1}}', 'size = -1'],
    ['a version that is a text', '{"txn":{"appId":"a","version":"1"}}', 'version = "1"'],
    [
      'features that are no list',
      '{"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":"x"}}',
      'readerFeatures',
    ],
    [
      'no partition columns',
      '{"metaData":{"id":"a","schemaString":"{}","format":{"provider":"parquet"}}}',
      'partitionColumns',
    ],
  ])('%s', (_, text, part) => {
    expect(() => parseCommit(text, 'f')).toThrow(
      expect.objectContaining({ code: 'DELTA_LOG_CORRUPT', message: expect.stringContaining(part) as string }),
    )
  })
})
