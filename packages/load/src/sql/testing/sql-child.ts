/**
 * Loads f0 … fN, a file of N+1 rows each, into a table in a process of its own, the way a pipeline does; dies by SIGKILL at the
 * nth mark of a phase if told so. Prints how its commits ended.
 */
import { writeSync } from 'node:fs'
import { codeOf, type Destination, type Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { batchOf, draftOf, fileOf } from '../../testing/drafts.ts'
import type { Mark } from '../../mark.ts'
import { openSqlTarget } from './sql-target.ts'

const [root, url, name, files, phase, hit] = process.argv.slice(2)
if (root === undefined || url === undefined || name === undefined)
  throw new Error('usage: sql-child.ts ROOT URL NAME FILES [PHASE HIT]')

let hits = 0
const mark: Mark = (passed) => {
  if (passed === phase && ++hits === Number(hit)) process.kill(process.pid, 'SIGKILL')
}
const session = await openDuckDB({ threads: 1 })
const target = openSqlTarget(root, url, mark)
const ended: Record<string, number> = {}
await target.recover()
for (let at = 0; at < Number(files); at += 1) {
  const kind = await loadFile(target, session, `${name}${at}`, at)
  ended[kind] = (ended[kind] ?? 0) + 1
}
await target.close()
await session.close()
writeSync(1, JSON.stringify(ended))

async function loadFile(into: Destination, engine: Session, batch: string, at: number): Promise<string> {
  if ((await into.lookup(batch)) !== undefined) return 'known'
  const ref = batchOf(batch)
  const staging = await into.prepare(ref)
  const file = `f${at}#1`
  const select = `SELECT '${file}' AS file, range AS n FROM range(${at + 1})`
  await staging.stageRows(engine, select, { visible: `part-${batch}.parquet`, files: [{ file, rows: at + 1 }] })
  const bad = await staging.stageRejectedRows(engine, `SELECT 'bad' AS file, ${at} AS n`, {
    visible: `${batch}.rows`,
    file,
    kind: 'rows',
  })
  const { add, remove } = await staging.settle(engine, { leaving: new Set() })
  await staging.seal()
  const loaded = fileOf(file, at + 1, { rowsRead: at + 2, rowsRejected: 1 })
  const columns = [{ name: 'file', type: 'VARCHAR' }, { name: 'n', type: 'BIGINT' }] // prettier-ignore
  const draft = draftOf(batch, {
    batch: ref,
    files: [loaded],
    add,
    remove,
    rejected: [bad],
    schema: { id: 'v1', columns },
  })
  try {
    const { kind } = await into.commit(draft)
    if (kind === 'conflict') await staging.drop()
    await into.publish()
    return kind
  } catch (error) {
    return codeOf(error) ?? 'error'
  }
}
