import { join } from 'node:path'
import type { Cell, Session } from '@tidegate/core'
import { deltaCorrupt, isFields, metaDataOf, protocolOf, txnOf, type Fields } from './actions.ts'
import { DELTA_LOG, type Checkpoint } from './list-log.ts'
import { fileList } from './parquet-list.ts'
import { emptySnapshot, type SnapshotState } from './snapshot-state.ts'

/**
 * Reads a checkpoint of the first specification, in one or several Parquet files, through the engine.
 *
 * @param files reads the live files too; without it the cost does not depend on how many there are
 */
export async function readCheckpoint(
  directory: string,
  session: Session,
  checkpoint: Checkpoint,
  files: boolean,
): Promise<SnapshotState> {
  const place = join(directory, DELTA_LOG, checkpoint.files[0] ?? '')
  const paths = checkpoint.files.map((name) => join(directory, DELTA_LOG, name))
  const from = `read_parquet(${fileList(session.dialect, paths)}, hive_partitioning = false, union_by_name = true)`
  const { columns } = await session.query(`SELECT * FROM ${from} LIMIT 0`)
  const names = new Set(columns.map((column) => column.name))
  const select = (name: string): string => (names.has(name) ? session.dialect.identifier(name) : 'NULL')
  const any = ['protocol', 'metaData', 'txn'].map((name) => `${select(name)} IS NOT NULL`).join(' OR ')
  const { rows } = await session.query(
    `SELECT ${select('protocol')}, ${select('metaData')}, ${select('txn')} FROM ${from} WHERE ${any}`,
  )
  const state = emptySnapshot(files)
  for (const [protocol, metaData, txn] of rows) {
    if (isFields(protocol)) state.protocol = protocolOf(protocol, place)
    if (isFields(metaData)) state.metaData = metaDataOf(withMaps(metaData), place)
    if (!isFields(txn)) continue
    const { appId, version } = txnOf(withNumber(txn), place)
    state.txns.set(appId, version)
  }
  if (state.protocol === undefined || state.metaData === undefined) {
    throw deltaCorrupt(place, 'the checkpoint has no protocol or no metaData')
  }
  // Required, and yet not every writer has it where there is nothing to say.
  const hasValues = columns.some(({ name, type }) => name === 'add' && type.includes('partitionValues'))
  if (files) await readFiles(session, from, names, hasValues, state)
  state.version = checkpoint.version
  return state
}

async function readFiles(
  session: Session,
  from: string,
  names: ReadonlySet<string>,
  hasValues: boolean,
  state: SnapshotState,
): Promise<void> {
  if (names.has('add')) {
    const { rows } = await session.query(
      `SELECT add.path, add.size, ${hasValues ? 'add.partitionValues' : 'NULL'} FROM ${from} WHERE add.path IS NOT NULL`,
    )
    for (const [path, size, values] of rows) {
      state.files?.set(String(path), { bytes: Number(size), partitionValues: withNulls(values) })
    }
  }
  if (names.has('remove')) {
    const { rows } = await session.query(`SELECT remove.path FROM ${from} WHERE remove.path IS NOT NULL`)
    for (const [path] of rows) state.tombstones?.add(String(path))
  }
}

/** The engine hands maps out as lists of pairs. */
function withMaps(metaData: Fields): Fields {
  const { format } = metaData
  return {
    ...metaData,
    configuration: toRecord(metaData['configuration']),
    format: isFields(format) ? { ...format, options: toRecord(format['options']) } : format,
  }
}

function toRecord(pairs: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(pairsOf(pairs).map(({ key, value }) => [String(key), String(value)]))
}

function withNulls(pairs: unknown): Readonly<Record<string, string | null>> {
  return Object.fromEntries(
    pairsOf(pairs).map(({ key, value }) => [String(key), value === null ? null : String(value)]),
  )
}

function pairsOf(cell: unknown): readonly { readonly key: Cell; readonly value: Cell }[] {
  return Array.isArray(cell) ? (cell as readonly { readonly key: Cell; readonly value: Cell }[]) : []
}

function withNumber(txn: Fields): Fields {
  return { ...txn, version: Number(txn['version']) }
}
