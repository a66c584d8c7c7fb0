/** The JSON part of a Delta log: which files are in the table now. Checkpoints (Parquet) are not needed while it is whole. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

import { codeOf, messageOf } from '@tidegate/core'
import { localStore } from '@tidegate/storage'

export interface DeltaFile {
  readonly sizeBytes: number | undefined
}

export type DeltaLog =
  | {
      readonly kind: 'read'
      readonly version: number
      /** By path below the table, decoded. */
      readonly live: ReadonlyMap<string, DeltaFile>
      /** Live files outside of the table's folder. */
      readonly elsewhere: number
      /** Rows of some live files are deleted without the file having changed. */
      readonly deletionVectors: boolean
    }
  /** Which files are live cannot be told from what is there. */
  | { readonly kind: 'not-enough'; readonly because: string }

const COMMIT = /^(\d{20})\.json$/
const MAX_COMMITS = 100_000
const MAX_BYTES = 1024 * 1024 * 1024
const MAX_LINE = 64 * 1024 * 1024
const READ_BYTES = 1024 * 1024

/** Reads `_delta_log/00…0.json` and what follows. Never throws but when aborted. */
export async function readDeltaLog(folder: string, signal?: AbortSignal): Promise<DeltaLog> {
  try {
    const commits = (await readdir(folder)).filter((name) => COMMIT.test(name)).sort()
    if (commits.length === 0) return notEnough('it has no JSON commit')
    if (commits.length > MAX_COMMITS) return notEnough(`it has ${commits.length} commits`)
    const gap = commits.findIndex((name, index) => Number(COMMIT.exec(name)?.[1]) !== index)
    if (gap !== -1)
      return notEnough(`commit ${gap} is not there as JSON any more; older ones are in a checkpoint, which is Parquet`)
    return await replay(folder, commits, signal)
  } catch (error) {
    signal?.throwIfAborted()
    if (codeOf(error) === 'CANCELLED') throw error
    return notEnough(messageOf(error))
  }
}

async function replay(folder: string, commits: readonly string[], signal: AbortSignal | undefined): Promise<DeltaLog> {
  const live = new Map<string, DeltaFile & { readonly vector: boolean }>()
  const elsewhere = new Set<string>()
  let budget = MAX_BYTES
  for (const name of commits) {
    signal?.throwIfAborted()
    const source = await localStore().open(join(folder, name))
    try {
      budget -= source.sizeBytes
      if (budget < 0) return notEnough(`it is larger than ${MAX_BYTES} bytes`)
      for await (const line of linesOf(source)) {
        const action = actionOf(line)
        if (action === 'bad') return notEnough(`${name} has a line that is no action`)
        if (action === undefined) continue
        const place = isAbsolute(action.path) ? elsewhere : live
        if (action.kind === 'remove') place.delete(action.path)
        else if (place === elsewhere) elsewhere.add(action.path)
        else live.set(action.path, { sizeBytes: action.sizeBytes, vector: action.vector })
      }
    } finally {
      await source.close()
    }
  }
  return {
    kind: 'read',
    version: commits.length - 1,
    live,
    elsewhere: elsewhere.size,
    deletionVectors: [...live.values()].some(({ vector }) => vector),
  }
}

async function* linesOf(source: {
  readonly sizeBytes: number
  read(offset: number, length: number): Promise<Uint8Array>
}): AsyncGenerator<string> {
  let rest = Buffer.alloc(0)
  for (let offset = 0; offset < source.sizeBytes; offset += READ_BYTES) {
    const bytes = Buffer.concat([rest, await source.read(offset, READ_BYTES)])
    let start = 0
    for (let end = bytes.indexOf(10, start); end !== -1; end = bytes.indexOf(10, start)) {
      yield bytes.toString('utf8', start, end)
      start = end + 1
    }
    rest = bytes.subarray(start)
    if (rest.length > MAX_LINE) throw new Error(`a line is longer than ${MAX_LINE} bytes`)
  }
  if (rest.length > 0) yield rest.toString('utf8')
}

type Action =
  | { readonly kind: 'add'; readonly path: string; readonly sizeBytes: number | undefined; readonly vector: boolean }
  | { readonly kind: 'remove'; readonly path: string }

function actionOf(line: string): Action | 'bad' | undefined {
  if (line.trim() === '') return undefined
  const parsed = parse(line)
  if (!isMap(parsed)) return 'bad'
  const { add, remove } = parsed
  if (isMap(add)) {
    const { path, size, deletionVector } = add
    if (typeof path !== 'string') return 'bad'
    const sizeBytes = typeof size === 'number' && Number.isSafeInteger(size) ? size : undefined
    return { kind: 'add', path: decode(path), sizeBytes, vector: isMap(deletionVector) }
  }
  if (isMap(remove))
    return typeof remove['path'] === 'string' ? { kind: 'remove', path: decode(remove['path']) } : 'bad'
  return undefined
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Paths in the log are percent-encoded. */
function decode(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

function isAbsolute(path: string): boolean {
  return path.startsWith('/') || /^[a-z][a-z0-9+.-]*:/i.test(path)
}

function notEnough(because: string): DeltaLog {
  return { kind: 'not-enough', because }
}
