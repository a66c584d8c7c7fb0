import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { runChaos } from './run-chaos.ts'

test('a local disk stands the kills, and nothing is left of them', { timeout: 180_000 }, async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-'))
  try {
    const proofs = await runChaos({ folder: path.join(folder, 'lake/raw'), rounds: 3 })
    expect(proofs.filter(({ proved }) => !proved)).toEqual([])
    expect(proofs).toHaveLength(5)
    expect(proofs.at(-1)?.found).toMatch(/^3 kills at 3 steps/)
    expect(readdirSync(folder)).toEqual([])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('when its time is over it kills no more and says how many kills were left out', { timeout: 180_000 }, async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-'))
  try {
    const [proof] = await runChaos({ folder, onlyRounds: true, limitMs: 1 })
    expect(proof).toMatchObject({ proved: true, found: expect.stringContaining('8 were left out after 0 s') as string })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
