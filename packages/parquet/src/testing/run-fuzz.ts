import { createHash } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'

import { messageOf, stringifyJson, type ByteSource } from '@tidegate/core'

import { diagnose } from '../diagnose/diagnose.ts'
import { planRepair } from '../repair/plan-repair.ts'
import type { RepairPlan } from '../repair/plan.ts'
import { viewOf } from '../source/pieces.ts'
import { fuzzCase } from './fuzz-bytes.ts'
import type { SoundFile } from './sound-file.ts'
import { openSoundFiles, SMALL_SPECS } from './sound-files.ts'

export interface FuzzOutcome {
  readonly cases: number
  /** Anything but an answer, an answer that differs the second time, or a plan whose result cannot be diagnosed as sound. */
  readonly failures: readonly string[]
  readonly slowest: { readonly name: string; readonly ms: number }
  /** How many answers of each kind, so that a run in which nothing was found can be seen. */
  readonly verdicts: Readonly<Record<string, number>>
  readonly plans: Readonly<Record<string, number>>
}

/** One file may take this long, on a machine that does something else as well. */
const MOST_MS = 10_000

/**
 * Diagnoses and plans repairs of damaged files number `from` to `to` (exclusive). What a plan makes must be sound for our
 * own reader.
 */
export async function runFuzz(from: number, to: number): Promise<FuzzOutcome> {
  const sound = await openSoundFiles()
  try {
    const files = await Promise.all(SMALL_SPECS.map(async (spec) => await sound.get(spec)))
    const siblings = new Map(
      files.map((file, index) => [file, siblingOf(file, join(sound.folder, `sibling-${index}`))]),
    )
    const failures: string[] = []
    const verdicts: Record<string, number> = {}
    const plans: Record<string, number> = {}
    let slowest = { name: '', ms: 0 }
    for (let number = from; number < to; number++) {
      const { name, bytes, file } = fuzzCase(number, files)
      const startMs = performance.now()
      try {
        const source = memorySource(bytes)
        const answer = await answerOf(source, siblings.get(file) as string)
        const again = await answerOf(source, siblings.get(file) as string)
        if (answer.text !== again.text) failures.push(`${name}: two answers`)
        const fault = await faultOfResult(source, answer.plan)
        if (fault !== undefined) failures.push(`${name}: the result is ${fault}`)
        verdicts[answer.verdict] = (verdicts[answer.verdict] ?? 0) + 1
        plans[answer.plan.kind] = (plans[answer.plan.kind] ?? 0) + 1
      } catch (error) {
        failures.push(`${name}: ${messageOf(error)}`)
      }
      const ms = performance.now() - startMs
      if (ms > slowest.ms) slowest = { name, ms }
      if (ms > MOST_MS) failures.push(`${name}: ${Math.round(ms)} ms`)
    }
    return { cases: to - from, failures, slowest, verdicts, plans }
  } finally {
    await sound.close()
  }
}

interface Answer {
  readonly verdict: string
  readonly plan: RepairPlan
  /** All of it. */
  readonly text: string
}

async function answerOf(source: ByteSource, sibling: string): Promise<Answer> {
  const diagnosis = await diagnose(source, { level: 'values' })
  const plan = await planRepair(source, { schema: [{ sibling }] })
  const { pieces, ...rest } = plan
  const digest = createHash('sha256')
  for (const piece of pieces) digest.update(piece.kind === 'new' ? piece.bytes : `${piece.offset}+${piece.length}`)
  return {
    verdict: diagnosis.verdict,
    plan,
    text: `${stringifyJson(diagnosis)}${stringifyJson(rest)}${digest.digest('hex')}`,
  }
}

/** What is wrong with the file that a plan makes; undefined: nothing, or it takes more than the plan to make it. */
async function faultOfResult(source: ByteSource, plan: RepairPlan): Promise<string | undefined> {
  if (plan.kind !== 'repair' || plan.unpack !== undefined || plan.rewrite !== undefined) return undefined
  const result = await diagnose(viewOf(source, plan.pieces), { level: 'pages' })
  if (result.kind === 'sound') return undefined
  const first = result.findings.find(({ severity }) => severity === 'error' || severity === 'fatal')
  return `${result.verdict}: ${first?.code ?? ''} ${first?.message ?? ''} (schema: ${plan.schemaFrom})`
}

/** Without the copies of `bytesSource`, which would take a quarter of the time. */
function memorySource(bytes: Uint8Array): ByteSource {
  return {
    sizeBytes: bytes.length,
    read: async (offset, length) => {
      if (!(offset >= 0 && length >= 0)) throw new RangeError(`read of ${length} bytes at ${offset}`)
      return bytes.subarray(offset, offset + length)
    },
    close: async () => {},
  }
}

function siblingOf(file: SoundFile, folder: string): string {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  const path = join(folder, 'sibling.parquet')
  writeFileSync(path, file.bytes)
  return path
}
