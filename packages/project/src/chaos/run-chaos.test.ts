import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { runChaos } from './run-chaos.ts'

test('when its time is over it kills no more and says how many kills were left out', { timeout: 180_000 }, async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-'))
  try {
    const [proof] = await runChaos({ folder, onlyRounds: true, limitMs: 1 })
    expect(proof).toMatchObject({ proved: true, found: expect.stringContaining('8 were left out after 0 s') as string })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
