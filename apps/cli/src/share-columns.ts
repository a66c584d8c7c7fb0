import { open } from 'node:fs/promises'
import path from 'node:path'
import { diagnoseFile } from '@tidegate/parquet'
import { localStore } from '@tidegate/storage'

const LOOKED_AT = 20
const HEADER_BYTES = 65_536

/**
 * Whether most of these files (absolute paths) have the same columns, from Parquet footers and CSV header lines of up to 20
 * of them. Undefined where that cannot be told: compressed text, JSON, a single file.
 */
export async function shareColumns(files: readonly string[]): Promise<boolean | undefined> {
  const step = Math.max(1, Math.floor(files.length / LOOKED_AT))
  const looked = files.filter((_, index) => index % step === 0).slice(0, LOOKED_AT)
  const known: string[] = []
  for (const file of looked) {
    // A file that cannot be read says nothing of its columns; ingest will say what is wrong with it.
    const columns = await columnsOf(file).catch(() => undefined)
    if (columns !== undefined) known.push(columns)
  }
  if (known.length < 2) return undefined
  const commonest = Math.max(...[...Map.groupBy(known, (columns) => columns).values()].map((group) => group.length))
  return commonest >= known.length * 0.7
}

async function columnsOf(file: string): Promise<string | undefined> {
  if (/\.(parquet|pq)$/i.test(file)) {
    const bytes = await localStore().open(file)
    try {
      const { schema } = await diagnoseFile(bytes, { name: path.basename(file), expected: 'parquet', level: 'footer' })
      return schema === undefined ? undefined : JSON.stringify(schema.map((column) => column.name))
    } finally {
      await bytes.close()
    }
  }
  return /\.(csv|tsv)$/i.test(file) ? headerLine(file) : undefined
}

async function headerLine(file: string): Promise<string | undefined> {
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0)
    const [line = ''] = buffer.toString('latin1', 0, bytesRead).split(/\r?\n/)
    // Without a letter it is a line of values: files without a header say nothing.
    return /[a-z]/i.test(line) ? line : undefined
  } finally {
    await handle.close()
  }
}
