import { open, type FileHandle } from 'node:fs/promises'
import { TidegateError } from '@tidegate/core'
import { footerRows } from './footer-rows.ts'

export interface StagedFile {
  /** Absolute. */
  readonly path: string
  readonly bytes: number
  /** Undefined for files that are not ours to read (originals, texts). */
  readonly parquetRows: number | undefined
}

const MAGIC = 'PAR1'
const TAIL_BYTES = 8

/**
 * Proves that a staged file is what the entry will say: its size, and for Parquet both magics and the footer's row count.
 * The engine's own word is not enough: engines have left broken files behind after running out of memory or disk.
 *
 * @throws STAGED_FILE_BROKEN
 */
export async function verifyStaged(file: StagedFile): Promise<void> {
  const handle = await open(file.path, 'r')
  try {
    const { size } = await handle.stat()
    if (size !== file.bytes) broken(file, `has ${size} bytes, ${file.bytes} were written`)
    if (file.parquetRows === undefined) return
    if (size < 2 * MAGIC.length + TAIL_BYTES) broken(file, `is too short for a Parquet file (${size} bytes)`)
    const head = await read(handle, 0, MAGIC.length)
    const tail = await read(handle, size - TAIL_BYTES, TAIL_BYTES)
    if (head.toString('latin1') !== MAGIC || tail.toString('latin1', 4) !== MAGIC)
      broken(file, 'lacks the Parquet magic')
    const length = tail.readUInt32LE(0)
    if (length > size - TAIL_BYTES - MAGIC.length) broken(file, `claims a footer of ${length} bytes`)
    const rows = footerRows(await read(handle, size - TAIL_BYTES - length, length))
    if (rows !== BigInt(file.parquetRows)) {
      broken(file, `has ${rows ?? 'no readable number of'} rows in its footer, the engine wrote ${file.parquetRows}`)
    }
  } finally {
    await handle.close()
  }
}

async function read(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, offset)
  return buffer.subarray(0, bytesRead)
}

function broken(file: StagedFile, because: string): never {
  throw new TidegateError('STAGED_FILE_BROKEN', `The staged file ${file.path} ${because}.`, {
    hint: 'Run again; if it stays, check disk and memory of this machine.',
    retryable: true,
    dataNow: 'Nothing was committed.',
  })
}
