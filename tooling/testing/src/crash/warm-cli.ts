import { spawn, type ChildProcess } from 'node:child_process'
import path from 'node:path'
import type { CommandEnd, CommandUnderTest } from '../crash-harness.ts'
import { END_OF_COMMAND, SOURCE_BUNDLE, warmOf } from './bundle-cli.ts'

/**
 * The command line in a process that stays: the same code, loaded once. For runs that are not killed; each opens and closes
 * the project for itself, and its engine is a child of its own as ever.
 */
export interface WarmCli {
  /** One after another. */
  run(command: CommandUnderTest): Promise<CommandEnd>
  /** Waits for its end. */
  close(): Promise<void>
}

/** @param cli what `bundleCli` made; started with the first command */
export function openWarmCli(cli: string): WarmCli {
  let server: Server | undefined
  let turn: Promise<unknown> = Promise.resolve()
  return {
    run(command) {
      const mine = turn.then(() => {
        if (server === undefined || !server.lives()) server = startServer(cli)
        return server.ask(command)
      })
      turn = mine.catch(() => undefined)
      return mine
    },
    async close() {
      await server?.kill()
    },
  }
}

interface Server {
  lives(): boolean
  ask(command: CommandUnderTest): Promise<CommandEnd>
  kill(): Promise<void>
}

function startServer(cli: string): Server {
  const child = spawn(
    process.execPath,
    [
      ...(path.basename(cli) === SOURCE_BUNDLE ? ['--conditions=tidegate:source'] : []),
      '--disable-warning=ExperimentalWarning',
      '--disable-warning=MaxListenersExceededWarning',
      warmOf(cli),
    ],
    {
      env: { ...process.env, NO_COLOR: '1', NODE_COMPILE_CACHE: path.join(path.dirname(cli), 'compiled') },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    },
  )
  child.stdout.setEncoding('utf8')
  child.stderr.setEncoding('utf8')
  let lives = true
  child.on('close', () => {
    lives = false
  })
  child.on('error', () => {
    lives = false
  })
  return {
    lives: () => lives,
    ask: (command) => ask(child, command),
    kill: () =>
      new Promise((resolve) => {
        if (!lives) return resolve()
        child.once('close', () => resolve())
        killGroup(child)
      }),
  }
}

function ask(child: ChildProcess, { args, cwd, timeoutMs = 60_000 }: CommandUnderTest): Promise<CommandEnd> {
  const { stdin, stdout, stderr } = child
  if (stdin === null || stdout === null || stderr === null) throw new Error('the warm command line has no pipes')
  return new Promise((resolve) => {
    const told = { stdout: '', stderr: '' }
    let timedOut = false
    const takeOut = (text: string): void => {
      told.stdout += text
      look()
    }
    const takeError = (text: string): void => {
      told.stderr += text
      look()
    }
    const look = (): void => {
      const [out, error] = [cut(told.stdout), cut(told.stderr)]
      if (out === undefined || error === undefined) return
      settle({ exitCode: out.exitCode, exitSignal: null, stdout: out.text, stderr: error.text, timedOut })
    }
    const gone = (exitCode: number | null, exitSignal: NodeJS.Signals | null): void =>
      settle({ exitCode, exitSignal, ...told, timedOut })
    const timer = setTimeout(() => {
      timedOut = true
      killGroup(child)
    }, timeoutMs)
    const settle = (end: CommandEnd): void => {
      clearTimeout(timer)
      stdout.off('data', takeOut)
      stderr.off('data', takeError)
      child.off('close', gone)
      resolve(end)
    }
    stdout.on('data', takeOut)
    stderr.on('data', takeError)
    child.on('close', gone)
    const words = args.slice(args.findIndex((word) => word.endsWith('.mjs')) + 1)
    stdin.write(`${JSON.stringify({ words: ['-C', cwd, ...words] })}\n`)
  })
}

function cut(text: string): { readonly text: string; readonly exitCode: number } | undefined {
  const at = text.indexOf(END_OF_COMMAND)
  if (at < 0 || !text.endsWith('\n')) return undefined
  return { text: text.slice(0, at), exitCode: Number(text.slice(at + END_OF_COMMAND.length)) }
}

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It ended by itself.
  }
}
