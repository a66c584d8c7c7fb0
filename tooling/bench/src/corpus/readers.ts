import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { codeOf, messageOf, type Session } from '@tidegate/core'
import { startEngine } from '@tidegate/duckdb'
import { literal } from '../bare-engine.ts'

/** What another reader says of a file that it was to read whole. */
export type ReaderAnswer =
  | { readonly kind: 'rows'; readonly rows: number }
  | { readonly kind: 'error'; readonly message: string }
  /** The process was killed: by a signal, by its own abort, or because it took too long. */
  | { readonly kind: 'crash'; readonly message: string }

const TIMEOUT_MS = 60_000

/** hyparquet, in a process of its own: hostile counts end it in a way that cannot be caught. */
export async function readWithHyparquet(file: string): Promise<ReaderAnswer> {
  const script = fileURLToPath(new URL('./hyparquet-reader.ts', import.meta.url))
  const child = spawn(process.execPath, ['--max-old-space-size=2048', script, file], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
  })
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    child.once('close', (...ended) => resolve(ended)),
  )
  if (code === 0) return { kind: 'rows', rows: Number(out) }
  if (signal !== null) return { kind: 'crash', message: signal }
  const message = /^\s*\w*Error(?: \[\w+\])?: (.*)$/m.exec(err)?.[1] ?? err.trim().split('\n')[0] ?? ''
  return { kind: 'error', message: withoutPlace(message, file) }
}

/** The same on every machine: where the file is, and how much memory was taken when there was none left, is not of it. */
function withoutPlace(message: string, file: string): string {
  const [line = ''] = message.split('\n')
  return line
    .replaceAll(`"${file}"`, `'${file}'`)
    .replaceAll(new RegExp(`(?:parquet )?(?:file )?'${RegExp.escape(file)}'`, 'gi'), 'the file')
    .replace(/^[\w ]+ Error: (?:(?:failed to read|could not read from) the file: )?/i, '')
    .replace(/^failed to allocate.*/, 'out of memory')
}

export interface DuckDBReader {
  read(file: string): Promise<ReaderAnswer>
  close(): Promise<void>
}

/** DuckDB, one instance per file: after an INTERNAL error an instance answers nothing any more. */
export function openDuckDBReader(): DuckDBReader {
  let engine: ReturnType<typeof startEngine> | undefined
  const sessionOf = async (): Promise<Session> => {
    engine ??= startEngine({ threads: 1, memoryLimitBytes: 1024 ** 3 })
    return await engine.openSession()
  }
  return {
    async read(file) {
      const session = await sessionOf()
      try {
        const all = `read_parquet(${literal(file)})`
        const signal = AbortSignal.timeout(TIMEOUT_MS)
        const result = await session.query(`SELECT count(*), bit_xor(hash(r)) FROM ${all} r`, { signal })
        await session.close()
        return { kind: 'rows', rows: Number(result.rows[0]?.[0]) }
      } catch (error) {
        await engine?.close()
        engine = undefined
        const message = withoutPlace(messageOf(error), file)
        return { kind: codeOf(error) === 'ENGINE_CRASHED' ? 'crash' : 'error', message }
      }
    },
    async close() {
      await engine?.close()
    },
  }
}
