import { spawn, type ChildProcessByStdio } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import type { CliResult } from './run-cli.ts'

/**
 * The command line in a process that stays: the same words, streams and exit codes, its modules loaded once. What the end of
 * a process does, and what two of them do to each other, needs processes of their own.
 */
export interface WarmCli {
  /** Whether it carries out a command now: it has one folder and one pair of streams. */
  readonly busy: boolean
  run(words: readonly string[], cwd: string): Promise<CliResult>
}

export interface WarmCliOptions {
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** What begins the last line of both streams of a command; its exit code follows. */
  readonly endMark: string
}

/** Starts the process with the first command, and again after one that ended it. It ends with this process. */
export function openWarmCli({ command, args, env, endMark }: WarmCliOptions): WarmCli {
  let child: Child | undefined
  let busy = false

  const cut = (text: string): { readonly text: string; readonly exitCode: number } | undefined => {
    const at = text.lastIndexOf(endMark)
    if (at < 0 || !text.endsWith('\n')) return undefined
    return { text: text.slice(0, at), exitCode: Number(text.slice(at + endMark.length)) }
  }

  const ask = async (to: Child, words: readonly string[], cwd: string): Promise<CliResult> =>
    new Promise((resolve) => {
      let stdout = ''
      let stderr = ''
      const settle = (result: CliResult): void => {
        to.stdout.off('data', takeOut)
        to.stderr.off('data', takeError)
        to.off('close', onClose)
        resolve(result)
      }
      const look = (): void => {
        const [out, error] = [cut(stdout), cut(stderr)]
        if (out !== undefined && error !== undefined)
          settle({ exitCode: out.exitCode, stdout: out.text, stderr: error.text })
      }
      const takeOut = (text: string): void => {
        stdout += text
        look()
      }
      const takeError = (text: string): void => {
        stderr += text
        look()
      }
      const onClose = (code: number | null): void => {
        child = undefined
        settle({ exitCode: code ?? 128, stdout, stderr })
      }
      to.stdout.on('data', takeOut)
      to.stderr.on('data', takeError)
      to.on('close', onClose)
      to.stdin.write(`${JSON.stringify({ words, cwd })}\n`)
    })

  return {
    get busy() {
      return busy
    },
    async run(words, cwd) {
      busy = true
      try {
        child ??= start(command, args, env)
        return await ask(child, words, cwd)
      } finally {
        busy = false
      }
    },
  }
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>

function start(command: string, args: readonly string[], env: WarmCliOptions['env']): Child {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdout.setEncoding('utf8')
  child.stderr.setEncoding('utf8')
  // Nobody waits for its end: it goes when its standard input is closed.
  child.unref()
  for (const stream of [child.stdin, child.stdout, child.stderr]) (stream as { unref?: () => void }).unref?.()
  return child
}
