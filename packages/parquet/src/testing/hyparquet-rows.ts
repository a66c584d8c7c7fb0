/** hyparquet in a process of its own, which damaged counts can end in a way that cannot be caught. */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** One number per row that hyparquet reads, the same for the same row; undefined where it fails. */
export type RowMarks = readonly number[] | undefined

export interface HyparquetReader {
  read(path: string): Promise<RowMarks>
  close(): Promise<void>
}

const TIMEOUT_MS = 20_000

export function openHyparquetReader(): HyparquetReader {
  let child: ChildProcess | undefined
  const stop = async (): Promise<void> => {
    const old = child
    child = undefined
    if (old === undefined || old.exitCode !== null || old.signalCode !== null) return
    old.kill('SIGKILL')
    await once(old, 'exit')
  }
  return {
    async read(path) {
      const script = fileURLToPath(new URL('./hyparquet-child.ts', import.meta.url))
      child ??= fork(script, [], {
        execArgv: ['--max-old-space-size=2048'],
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      })
      const current = child
      const timer = setTimeout(() => current.kill('SIGKILL'), TIMEOUT_MS)
      current.send(path)
      const answer = await new Promise<RowMarks>((resolve) => {
        const onExit = (): void => {
          child = undefined
          resolve(undefined)
        }
        current.once('exit', onExit)
        current.once('message', (message) => {
          current.off('exit', onExit)
          resolve(Array.isArray(message) ? message.map(Number) : undefined)
        })
      })
      clearTimeout(timer)
      return answer
    },
    close: stop,
  }
}
