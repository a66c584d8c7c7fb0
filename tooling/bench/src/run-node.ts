import { spawn } from 'node:child_process'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { IngestReport } from './ingest-worker.ts'

/** Compiled code, as the command line keeps it from its first run on. */
const COMPILED = path.join(path.dirname(fileURLToPath(import.meta.url)), '../node_modules/.cache/compiled')

/** Runs a script on this very Node and returns what it printed. Fails with its stderr when it fails. */
export async function runNode(args: readonly string[], acceptedCodes: readonly number[] = [0]): Promise<string> {
  const env = { ...process.env, NODE_COMPILE_CACHE: COMPILED }
  const child = spawn(process.execPath, [...args], { stdio: ['ignore', 'pipe', 'pipe'], env })
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code === null || !acceptedCodes.includes(code))
    throw new Error(`node ${args.join(' ')} ended with ${code}: ${err}`)
  return out
}

/** Ingests a project in a fresh process. */
export async function ingestInProcess(directory: string, expected: { readonly loaded: number }): Promise<IngestReport> {
  const worker = fileURLToPath(new URL('./ingest-worker.ts', import.meta.url))
  const report = JSON.parse(await runNode([worker, directory])) as IngestReport
  if (report.error !== null || report.loaded !== expected.loaded) {
    throw new Error(`expected ${expected.loaded} files loaded: ${JSON.stringify(report)}`)
  }
  return report
}
