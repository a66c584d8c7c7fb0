/**
 * A table that another writer works on as well, which we did not write: the Python package `deltalake`. What it commits between
 * our snapshot and our commit, its checkpoints, its clean-ups and what it turns on must neither double nor lose a row of ours.
 * Where Python or the package cannot be had the tests are skipped and say why.
 */
import { readdir } from 'node:fs/promises'
import type { Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commitName } from './list-log.ts'
import { loadBatch, openIn, stageBatch, tempTable, type TempTable } from './testing/delta-story.ts'
import { openPythonReader } from './testing/python-reader.ts'

const python = await openPythonReader()
const title =
  python.kind === 'ok' ? `beside deltalake ${python.version}` : `SKIPPED (${python.because}): beside deltalake`

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 2 })
})
afterAll(async () => {
  await session.close()
  if (python.kind === 'ok') python.close()
})

const HEAD = `
import sys, json, os, time
from deltalake import DeltaTable, Field, Schema, write_deltalake
from deltalake.schema import PrimitiveType
import pyarrow as pa
at = sys.argv[1]
def rows(*numbers, **more):
    return pa.table({'n': pa.array(numbers, pa.int64()), **more})
def say(value=None):
    print(json.dumps(value, default=str), flush=True)
    os._exit(0)
`
const ROWS = `say(sorted(DeltaTable(at).to_pyarrow_table(columns=['n'])['n'].to_pylist()))`

async function tell(places: TempTable, script: string): Promise<unknown> {
  if (python.kind !== 'ok') throw new Error(python.because)
  return python.ask(HEAD + script, places.table)
}

describe.skipIf(python.kind !== 'ok')(title, () => {
  test('a table that it made, to which both append, has the rows of both, whoever comes between', async () => {
    using places = tempTable()
    await tell(places, `write_deltalake(at, rows(100, 101)); DeltaTable(at).create_checkpoint(); say()`)
    const target = await openIn(places, session)
    await loadBatch(target, session, 'b1', 'a#1', 'SELECT 1::BIGINT AS n')
    const { draft } = await stageBatch(target, session, 'b2', 'b#1', 'SELECT 2::BIGINT AS n')
    await tell(places, `write_deltalake(at, rows(102, late=['x']), mode='append', schema_mode='merge'); say()`)
    expect(await target.commit(draft)).toMatchObject({ kind: 'committed', entry: { seq: 2 } })
    expect(await tell(places, ROWS)).toEqual([1, 2, 100, 101, 102])
    const names = (await readdir(places.log)).filter((name) => name.endsWith('.json'))
    expect(names.filter((name) => /^\d{20}\.json$/.test(name))).toHaveLength(4)
  })

  test('what both commit at the same time takes different versions, and no row is lost', async () => {
    using places = tempTable()
    await tell(places, `write_deltalake(at, rows(1000)); say()`)
    const target = await openIn(places, session)
    const other = tell(
      places,
      `
for number in range(25):
    write_deltalake(at, rows(2000 + number), mode='append')
say()`,
    )
    for (let number = 0; number < 25; number += 1)
      await loadBatch(target, session, `b${number}`, `f${number}#1`, `SELECT ${number}::BIGINT AS n`)
    await other
    const range = (from: number): readonly number[] => Array.from({ length: 25 }, (_, at) => from + at)
    expect(await tell(places, ROWS)).toEqual([...range(0), 1000, ...range(2000)])
  })

  test('its checkpoint, its clean-up of the log, its compaction and its vacuum leave our ledger whole', async () => {
    using places = tempTable()
    const target = await openIn(places, session)
    for (const [at, batch] of ['b1', 'b2', 'b3'].entries())
      await loadBatch(target, session, batch, `${batch}#1`, `SELECT ${at}::BIGINT AS n`)
    const { draft } = await stageBatch(target, session, 'b2', 'b2#1', 'SELECT 1::BIGINT AS n')
    await tell(
      places,
      `
table = DeltaTable(at)
table.alter.set_table_properties({'delta.logRetentionDuration': 'interval 0 days', 'delta.enableExpiredLogCleanup': 'true'})
table = DeltaTable(at)
table.optimize.compact()
table = DeltaTable(at)
table.create_checkpoint()
time.sleep(1)
table.cleanup_metadata()
table.vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False)
say()`,
    )
    expect(await readdir(places.log)).not.toContain(commitName(0))
    // A new process, which knows nothing but what is there.
    const later = await openIn(places, session)
    await later.recover()
    expect((await later.lookup('b1'))?.files.map(({ id }) => id)).toEqual(['b1#1'])
    expect(await later.commit(draft)).toMatchObject({ kind: 'already-committed' })
    await loadBatch(later, session, 'b4', 'b4#1', 'SELECT 3::BIGINT AS n')
    expect(await tell(places, ROWS)).toEqual([0, 1, 2, 3])
  })

  test('a schema that it put in the place of ours between staging and commit is a conflict, and nothing is left', async () => {
    using places = tempTable()
    const target = await openIn(places, session)
    await loadBatch(target, session, 'b1', 'a#1', 'SELECT 1::BIGINT AS n')
    const { draft } = await stageBatch(target, session, 'b2', 'b#1', 'SELECT 2::BIGINT AS n')
    await tell(
      places,
      `write_deltalake(at, pa.table({'n': ['one']}), mode='overwrite', schema_mode='overwrite'); say()`,
    )
    expect(await target.commit(draft)).toMatchObject({ kind: 'conflict' })
    expect(await tell(places, ROWS)).toEqual(['one'])
  })

  test('a constraint that it turned on between staging and commit is refused by its name; when it is gone the batch comes once', async () => {
    using places = tempTable()
    const target = await openIn(places, session)
    await loadBatch(target, session, 'b1', 'a#1', 'SELECT 1::BIGINT AS n')
    const { draft } = await stageBatch(target, session, 'b2', 'b#1', 'SELECT 2::BIGINT AS n')
    await tell(places, `DeltaTable(at).alter.add_constraint({'small': 'n < 2'}); say()`)
    await expect(target.commit(draft)).rejects.toMatchObject({ code: 'DELTA_UNSUPPORTED' })
    expect(await tell(places, ROWS)).toEqual([1])
    await tell(places, `DeltaTable(at).alter.drop_constraint('small'); say()`)
    const outcome = await target.commit(draft)
    expect(outcome).toMatchObject({ kind: 'committed' })
    expect(await tell(places, ROWS)).toEqual([1, 2])
  })

  test.for([
    ['deletion vectors', `'delta.enableDeletionVectors': 'true'`],
    ['column mapping', `'delta.columnMapping.mode': 'name'`],
    ['row tracking', `'delta.enableRowTracking': 'true'`],
    ['commit timestamps', `'delta.enableInCommitTimestamps': 'true'`],
  ] as const)('a table with %s is refused by a code before anything is staged', async ([, property]) => {
    using places = tempTable()
    const made = await tell(
      places,
      `DeltaTable.create(at, schema=Schema([Field('n', PrimitiveType('long'))]), configuration={${property}}, raise_if_key_not_exists=False)
say(DeltaTable(at).metadata().configuration)`,
    )
    const target = await openIn(places, session)
    await target.recover()
    await expect(
      loadBatch(target, session, 'b1', 'a#1', 'SELECT 1::BIGINT AS n'),
      JSON.stringify(made),
    ).rejects.toMatchObject({ code: 'DELTA_UNSUPPORTED' })
  })
})
