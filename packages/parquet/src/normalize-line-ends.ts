import { randomBytes } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

import type { PreparedText } from './prepare-text.ts'

/**
 * A copy of a text with every line end as `\n`, for files that mix them. Line ends inside quoted values change with it:
 * the bytes alone do not tell them apart.
 */
export async function normalizeLineEnds(text: PreparedText, workFolder: string): Promise<PreparedText> {
  const path = join(workFolder, `lines-${randomBytes(8).toString('hex')}.tmp`)
  try {
    await pipeline(
      createReadStream(text.path, { highWaterMark: 1024 * 1024 }),
      async function* (chunks: AsyncIterable<Buffer>) {
        let held = ''
        for await (const chunk of chunks) {
          const all = held + chunk.toString('latin1')
          held = all.endsWith('\r') ? '\r' : ''
          yield Buffer.from(all.slice(0, all.length - held.length).replaceAll(/\r\n|\r/g, '\n'), 'latin1')
        }
        if (held !== '') yield Buffer.from('\n')
      },
      createWriteStream(path),
    )
  } catch (error) {
    await rm(path, { force: true })
    throw error
  }
  return { kind: 'ok', path, encoding: text.encoding, dispose: async () => await rm(path, { force: true }) }
}
