/** A reader of Delta tables that we did not write: the Python package `deltalake`, in an environment of its own. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { messageOf } from '@tidegate/core'

const run = promisify(execFile)
const INSTALL_MS = 180_000

export type PythonReader =
  | {
      readonly kind: 'ok'
      readonly version: string
      /** Runs a script, `sys.argv[1]` being the table; its output read as JSON. */
      ask(script: string, table: string): Promise<unknown>
      close(): void
    }
  | { readonly kind: 'unavailable'; readonly because: string }

/** Installs the package. What is not there (Python, the network) is a value: the machine is no fault of the code. */
export async function openPythonReader(): Promise<PythonReader> {
  const root = mkdtempSync(join(tmpdir(), 'tidegate-'))
  const close = (): void => rmSync(root, { recursive: true, force: true })
  const python = join(root, 'bin', 'python')
  try {
    await run('python3', ['-m', 'venv', root], { timeout: INSTALL_MS })
    const quiet = ['--quiet', '--disable-pip-version-check', '--no-input', '--retries', '1', '--timeout', '15']
    await run(python, ['-m', 'pip', 'install', ...quiet, 'deltalake', 'pyarrow'], { timeout: INSTALL_MS })
    const { stdout } = await run(python, ['-c', 'import deltalake, pyarrow; print(deltalake.__version__)'])
    return {
      kind: 'ok',
      version: stdout.trim(),
      ask: async (script, table) => JSON.parse((await run(python, ['-c', script, table])).stdout) as unknown,
      close,
    }
  } catch (error) {
    close()
    return { kind: 'unavailable', because: messageOf(error).split('\n')[0] ?? '' }
  }
}
