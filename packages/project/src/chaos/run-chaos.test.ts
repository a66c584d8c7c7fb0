import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { runChaos } from './run-chaos.ts'

test('a local disk stands the kills, and nothing is left of them', { timeout: 180_000 }, async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-'))
  try {
    const proofs = await runChaos({ folder: path.join(folder, 'lake/raw') })
    expect(proofs.filter(({ proved }) => !proved)).toEqual([])
    expect(proofs).toHaveLength(5)
    expect(proofs.at(-1)?.found).toMatch(/^8 kills at 8 steps/)
    expect(readdirSync(folder)).toEqual([])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
