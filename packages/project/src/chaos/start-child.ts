import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export interface ChildEnd {
  readonly message: unknown
  readonly exitSignal: NodeJS.Signals | null
  readonly stderr: string
}

/** @throws if it has not ended by then: storage that hangs must not hang whoever asked */
export function startChild(args: readonly string[], limitMs: number): Promise<ChildEnd> {
  const fromSource = import.meta.url.endsWith('.ts')
  const entry = fileURLToPath(new URL(fromSource ? './chaos-child.ts' : './chaos-child.js', import.meta.url))
  return new Promise((resolve, reject) => {
    // Detached: a process group of its own, which dies as a whole.
    const child = fork(entry, [...args], {
      detached: true,
      execArgv: fromSource ? ['--conditions=tidegate:source', '--disable-warning=ExperimentalWarning'] : [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    const timer = setTimeout(() => {
      reject(new Error(`a process did not end within ${Math.round(limitMs / 1000)} s`))
      if (child.pid !== undefined) killGroup(child.pid)
    }, limitMs)
    let message: unknown
    let stderr = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    child.on('message', (value) => {
      message = value
    })
    child.on('error', reject)
    child.on('close', (_code, exitSignal) => {
      clearTimeout(timer)
      resolve({ message, exitSignal, stderr })
    })
  })
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It ended by itself.
  }
}
