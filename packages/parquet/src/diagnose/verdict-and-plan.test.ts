/** What a diagnosis promises and what a plan does must be the same, for every kind of damage. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { Diagnosis } from '@tidegate/core'

import { planRepair } from '../repair/plan-repair.ts'
import type { RepairPlan } from '../repair/plan.ts'
import { bytesSource } from '../testing/byte-source.ts'
import { SLOW } from '../testing/lane.ts'
import { mutate, MUTATIONS } from '../testing/mutate.ts'
import type { SoundFile } from '../testing/sound-file.ts'
import { openSoundFiles, SMALL_SPECS, type SoundFiles } from '../testing/sound-files.ts'
import { diagnose } from './diagnose.ts'

let files: SoundFiles
let chosen: readonly SoundFile[]

beforeAll(async () => {
  files = await openSoundFiles()
  // One of each writer.
  const specs = SMALL_SPECS.filter(({ shape }) => shape !== 'wide').filter((_, index) => index % 5 === 0)
  chosen = await Promise.all(specs.map(async (spec) => await files.get(spec)))
})

afterAll(async () => {
  await files.close()
})

/** The plans that a verdict may go with; a verdict promises no more than the plan keeps. */
function saySame(verdict: Diagnosis['verdict'], plan: RepairPlan): boolean {
  switch (verdict) {
    case 'ok':
    case 'ok-with-warnings':
      return plan.kind === 'unchanged'
    case 'repairable-lossless':
      return plan.kind === 'repair' && plan.lossless
    case 'repairable-lossy':
      // Where a footer is lost, that all rows are there is known only once a schema was found: a plan may be better.
      return plan.kind === 'repair' || lacksSchema(plan)
    case 'unsupported':
      // What is beyond this reader stays as it is, for another one.
      return plan.kind !== 'repair'
    case 'unrecoverable':
    case 'encrypted':
    case 'not-parquet':
      return plan.kind === 'refused'
  }
}

/** With a schema, or where less certainty is enough, rows come back; or the person has to choose one of several files. */
function lacksSchema({ kind, findings, confidence }: RepairPlan): boolean {
  const reasons = new Set(['PQ601', 'PQ602', 'PQ603', 'PQ109'])
  return kind === 'refused' && (confidence === 'weak' || findings.some(({ code }) => reasons.has(code)))
}

describe('a verdict and a plan', () => {
  for (const [turn, { kind, family }] of MUTATIONS.entries())
    test(`${family} ${kind}: say the same`, async () => {
      const faults: string[] = []
      for (const [index, file] of chosen.entries()) {
        // In the fast lane the writers take turns.
        if (!SLOW && index !== turn % chosen.length) continue
        const mutated = mutate(file, kind, 1, chosen[(index + 1) % chosen.length])
        if (mutated === undefined) continue
        const source = bytesSource(mutated.bytes)
        const { verdict, findings } = await diagnose(source, { level: 'values' })
        const plan = await planRepair(source)
        if (saySame(verdict, plan)) continue
        const codes = [...new Set(findings.map(({ code, repairable }) => `${code} ${repairable}`))].join(', ')
        const steps = plan.steps.map(({ what }) => what).join('; ')
        const isLossless = plan.lossless ? 'lossless' : 'lossy'
        faults.push(`${file.name}: ${verdict} (${codes}), but ${plan.kind} ${isLossless} ${plan.confidence}: ${steps}`)
      }
      expect(faults).toEqual([])
    })
})
