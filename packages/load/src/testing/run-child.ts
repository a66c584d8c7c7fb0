import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export interface ChildEnd {
  readonly signal: NodeJS.Signals | null
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs a script of this folder from source in a process of its own and waits for its end. */
export async function runChild(script: string, args: readonly string[]): Promise<ChildEnd> {
  const path = fileURLToPath(new URL(script, import.meta.url))
  const child = spawn(process.execPath, ['--conditions=tidegate:source', path, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ signal, code, out, err }))
  })
}
