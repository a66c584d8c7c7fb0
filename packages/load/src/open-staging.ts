import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  TidegateError,
  type BatchRef,
  type Cell,
  type LedgerPart,
  type QueryOptions,
  type QueryResult,
  type RejectedPart,
  type RejectedRequest,
  type Session,
  type Staging,
} from '@tidegate/core'
import { fsyncFile, fsyncFolder } from '@tidegate/storage'
import { createAttempt, dropAttempt } from './attempts.ts'
import { hashFile, withFolderErrors } from './durable.ts'
import { assertVisiblePath, HOME } from './layout.ts'
import type { Mark } from './mark.ts'
import { verifyStaged, type StagedFile } from './verify-staged.ts'

export interface StagingOptions {
  readonly directory: string
  readonly parts: boolean
  readonly compression: 'zstd' | 'snappy'
  readonly rowGroupRows: number | undefined
  readonly mark: Mark
}

const NOTHING = 'Nothing was committed.'
const SYNCS_AT_ONCE = 8

/** Makes the folder of one attempt. See core `Staging`. */
export async function openStaging(batch: BatchRef, options: StagingOptions): Promise<Staging> {
  const { directory, mark } = options
  const folder = await withFolderErrors(NOTHING, () => createAttempt(directory, batch))
  mark('staging-created', { folder })
  const staged: StagedFile[] = []

  async function copyRows(session: Session, select: string, suffix: string, query?: QueryOptions): Promise<Copied> {
    const path = nextName(suffix)
    const absolute = join(directory, path)
    const rows = copiedRows(await session.query(copyStatement(session, select, absolute, options), query))
    const { size } = await stat(absolute)
    staged.push({ path: absolute, bytes: size, parquetRows: rows })
    return { staged: path, bytes: size, rows, hash: await hashFile(absolute) }
  }

  let count = 0
  function nextName(suffix: string): string {
    count += 1
    return `${folder}/${String(count).padStart(5, '0')}${suffix}.sealed`
  }

  return {
    directory: join(directory, folder),

    stageRows: (session, select, part, query) =>
      withFolderErrors(NOTHING, async (): Promise<LedgerPart> => {
        if (!options.parts) throw gateOnly()
        assertVisiblePath(part.visible)
        const copied = await copyRows(session, select, '.parquet', query)
        mark('part-written', { visible: part.visible })
        return { ...copied, visible: part.visible, files: part.files }
      }),

    stageRejectedRows: (session, select, part, query) =>
      withFolderErrors(NOTHING, async (): Promise<RejectedPart> => {
        assertVisiblePath(part.visible)
        const copied = await copyRows(session, select, '.rejected', query)
        mark('rejected-written', { visible: part.visible })
        return { ...copied, ...rejectedOf(part) }
      }),

    stageOriginal: (uri, part) =>
      withFolderErrors(NOTHING, async (): Promise<RejectedPart> => {
        assertVisiblePath(part.visible)
        const path = nextName('.original')
        const { bytes, hash } = await copyHashed(uri, join(directory, path))
        staged.push({ path: join(directory, path), bytes, parquetRows: undefined })
        mark('original-copied', { visible: part.visible })
        return { staged: path, bytes, rows: part.rows ?? 0, hash, ...rejectedOf(part) }
      }),

    stageText: (text, part) =>
      withFolderErrors(NOTHING, async (): Promise<RejectedPart> => {
        assertVisiblePath(part.visible)
        const path = nextName('.text')
        const data = Buffer.from(text, 'utf8')
        await writeFile(join(directory, path), data, { flag: 'wx' })
        staged.push({ path: join(directory, path), bytes: data.length, parquetRows: undefined })
        mark('rejected-written', { visible: part.visible })
        const hash = createHash('sha256').update(data).digest('hex')
        return { staged: path, bytes: data.length, rows: part.rows ?? 0, hash, ...rejectedOf(part) }
      }),

    seal: () =>
      withFolderErrors(NOTHING, async () => {
        for (let start = 0; start < staged.length; start += SYNCS_AT_ONCE) {
          await Promise.all(staged.slice(start, start + SYNCS_AT_ONCE).map((file) => sealFile(file)))
        }
        for (let path = folder; path !== dirname(HOME); path = dirname(path)) await fsyncFolder(join(directory, path))
        await fsyncFolder(directory)
        mark('sealed', { folder })
      }),

    drop: () => withFolderErrors(NOTHING, () => dropAttempt(directory, folder)),
  }
}

type Copied = Pick<LedgerPart, 'staged' | 'bytes' | 'rows' | 'hash'>

async function sealFile(file: StagedFile): Promise<void> {
  await verifyStaged(file)
  await fsyncFile(file.path)
}

function rejectedOf({ visible, file, kind }: RejectedRequest): Pick<RejectedPart, 'visible' | 'file' | 'kind'> {
  return { visible, file, kind }
}

function copyStatement(session: Session, select: string, path: string, options: StagingOptions): string {
  const rowGroup = options.rowGroupRows === undefined ? '' : `, ROW_GROUP_SIZE ${Math.trunc(options.rowGroupRows)}`
  const target = session.dialect.literal(path)
  return `COPY (${select}) TO ${target} (FORMAT parquet, COMPRESSION ${options.compression}${rowGroup}, RETURN_STATS true)`
}

function copiedRows({ columns, rows }: QueryResult): number {
  const column = columns.findIndex(({ name }) => name.toLowerCase() === 'count')
  const counts = rows.map((row): Cell => row[column] ?? null).map(Number)
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (column === -1 || !Number.isSafeInteger(total)) {
    throw new TidegateError('STAGED_FILE_BROKEN', 'The engine did not say how many rows it wrote.', {
      dataNow: NOTHING,
    })
  }
  return total
}

/** One pass: what is hashed is what was written. */
async function copyHashed(uri: string, to: string): Promise<{ readonly bytes: number; readonly hash: string }> {
  const hash = createHash('sha256')
  let bytes = 0
  const handle = await open(to, 'wx')
  try {
    for await (const chunk of createReadStream(localPath(uri), { highWaterMark: 1 << 20 })) {
      const data = chunk as Buffer
      hash.update(data)
      await handle.writeFile(data)
      bytes += data.length
    }
  } finally {
    await handle.close()
  }
  return { bytes, hash: hash.digest('hex') }
}

function localPath(uri: string): string {
  return uri.startsWith('file://') ? fileURLToPath(uri) : uri
}

function gateOnly(): TidegateError {
  return new TidegateError('TARGET_GATE_ONLY', 'This target only gates: it keeps no rows of its own.', {
    hint: 'Use a target of kind parquet to load rows.',
    dataNow: NOTHING,
  })
}
