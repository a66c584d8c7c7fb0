import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { startPostgres } from '@tidegate/postgres/testing'
import { diagnoseMachine } from './diagnose-machine.ts'
import { openProject } from './open-project.ts'

/** As in a URL, and as it is. */
const SECRETS = ['hunter%402%2F', 'hunter@2/']

async function diagnose(env: Readonly<Record<string, string>>): Promise<string> {
  const directory = mkdtempSync(path.join(tmpdir(), 'tidegate-'))
  try {
    mkdirSync(path.join(directory, 'landing'))
    const source = {
      path: 'landing/*.csv',
      on_missing_contract: 'admit',
      target: { kind: 'postgres', url: '${TARGET}' },
    }
    const config = { version: 1, state: '${STATE}', sources: { s: source } }
    writeFileSync(path.join(directory, 'tidegate.yaml'), JSON.stringify(config))
    const opened = await openProject({ directory, env })
    if (opened.kind !== 'ok') return JSON.stringify(opened)
    try {
      return JSON.stringify(await diagnoseMachine(opened.project))
    } finally {
      await opened.project.close()
    }
  } catch (error) {
    const { message, hint } = error as { message: string; hint?: string }
    return JSON.stringify({ message, hint, error: String(error) })
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

test('no probe shows a password, of the state or of a target, whether the server is there or not', async () => {
  const server = await startPostgres()
  try {
    const withSecret = (url: string): string => {
      const parsed = new URL(url)
      parsed.username ||= 'postgres'
      parsed.password = SECRETS[0] ?? ''
      return parsed.href
    }
    const [good, other] = [withSecret(await server.createDatabase()), withSecret(await server.createDatabase())]
    const asParameter = `${(await server.createDatabase()).split('?')[0]}?password=${SECRETS[0]}`
    const nobody = 'postgres://somebody:hunter%402%2F@127.0.0.1:1/none'
    for (const [state, target] of [
      [good, other],
      [good, nobody],
      [nobody, other],
      [good, asParameter],
      [asParameter, other],
      ['postgres://u:hunter%402%2F@/%zz', other],
      [good, 'postgres://u:hunter%402%2F@127.0.0.1:notaport/x'],
    ]) {
      const said = await diagnose({ STATE: state ?? '', TARGET: target ?? '' })
      expect(said.length).toBeGreaterThan(20)
      for (const secret of SECRETS) expect(said).not.toContain(secret)
    }
  } finally {
    await server.close()
  }
}, 60_000)
