/** What a diagnosis promises and what a plan does must be the same, for every kind of damage. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { Diagnosis } from '@tidegate/core'

import { planRepair } from '../repair/plan-repair.ts'
import type { RepairPlan } from '../repair/plan.ts'
import { bytesSource } from '../testing/byte-source.ts'
import { mutate, MUTATIONS } from '../testing/mutate.ts'
import type { SoundFile } from '../testing/sound-file.ts'
import { openSoundFiles, SMALL_SPECS, type SoundFiles } from '../testing/sound-files.ts'
import { diagnose } from './diagnose.ts'

const SEEDS = (process.env['SEEDS'] ?? '1').split(',').map(Number)
const MOD = Number(process.env['MOD'] ?? 9)

let files: SoundFiles
let chosen: readonly SoundFile[]

beforeAll(async () => {
  files = await openSoundFiles()
  const specs = SMALL_SPECS.filter(({ shape }) => shape !== 'wide').filter((_, index) => index % MOD === 0)
  chosen = await Promise.all(specs.map(async (spec) => await files.get(spec)))
})

afterAll(async () => {
  await files.close()
})

function allowed(verdict: Diagnosis['verdict'], plan: RepairPlan): boolean {
  switch (verdict) {
    case 'ok':
    case 'ok-with-warnings':
      return plan.kind === 'unchanged'
    case 'repairable-lossless':
      return plan.kind === 'repair' && plan.lossless
    case 'repairable-lossy':
      return plan.kind === 'repair' ? !plan.lossless : needsMore(plan)
    default:
      return plan.kind === 'refused'
  }
}

function needsMore({ kind, findings, confidence }: RepairPlan): boolean {
  return kind === 'refused' && (findings.some(({ code }) => code === 'PQ601' || code === 'PQ602' || code === 'PQ603') || confidence !== 'proven')
}

describe('a verdict and a plan', () => {
  for (const { kind, family } of MUTATIONS)
    test(`${family} ${kind}: say the same`, async () => {
      const faults: string[] = []
      for (const [index, file] of chosen.entries())
        for (const seed of SEEDS) {
          const mutated = mutate(file, kind, seed, chosen[(index + 2) % chosen.length])
          if (mutated === undefined) continue
          const diagnosis = await diagnose(bytesSource(mutated.bytes), { level: 'values' })
          const plan = await planRepair(bytesSource(mutated.bytes))
          if (allowed(diagnosis.verdict, plan)) continue
          const codes = [...new Set(diagnosis.findings.map(({ code, severity, repairable }) => `${code}/${severity}/${repairable}`))].join(' ')
          const doubts = plan.doubts.join('; ')
          const steps = plan.steps.map(({ code, lossless }) => `${code}${lossless ? '' : '!'}`).slice(0, 4)
          faults.push(
            `${file.name} ${seed}: ${diagnosis.verdict} (${codes}), plan ${plan.kind} lossless=${plan.lossless} ${plan.confidence} [${steps.join(' ')}] loss ${plan.loss.length} ${doubts}`,
          )
        }
      expect(faults).toEqual([])
    })
})
