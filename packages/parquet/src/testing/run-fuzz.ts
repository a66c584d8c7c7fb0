import { createHash } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

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
  /** Anything but an answer, an answer that differs the second time, too much time. */
  readonly failures: readonly string[]
  /**
   * Plans whose result our own reader does not call sound. The verification before a repaired file gets its name refuses
   * them; still each is a fault of the planning.
   */
  readonly unsound: readonly string[]
  readonly slowest: { readonly name: string; readonly ms: number }
  /** How many answers of each kind, so that a run in which nothing was found can be seen. */
  readonly verdicts: Readonly<Record<string, number>>
  /** `stopped`: refused because the file to be would not have been sound (PQ606); nothing false, but a fault of the planning. */
  readonly plans: Readonly<Record<string, number>>
}

/** Processor time that one file may take (all of it, twice), whatever else the machine does. */
const MOST_MS = 10_000

/**
 * Diagnoses and plans repairs of damaged files number `from` to `to` (exclusive), twice each, and looks at what the plans
 * make.
 */
export async function runFuzz(from: number, to: number): Promise<FuzzOutcome> {
  const sound = await openSoundFiles()
  try {
    const files = await Promise.all(SMALL_SPECS.map(async (spec) => await sound.get(spec)))
    const siblings = new Map(
      files.map((file, index) => [file, siblingOf(file, join(sound.folder, `sibling-${index}`))]),
    )
    const failures: string[] = []
    const unsound: string[] = []
    function note(list: string[], fault: string): void {
      list.push(fault)
      // At once: a run takes minutes, and may be stopped.
      process.stderr.write(`fuzz: ${fault}\n`)
    }
    const verdicts: Record<string, number> = {}
    const plans: Record<string, number> = {}
    let slowest = { name: '', ms: 0 }
    for (let number = from; number < to; number++) {
      const { name, bytes, file } = fuzzCase(number, files)
      const before = process.cpuUsage()
      try {
        const source = memorySource(bytes)
        const answer = await answerOf(source, siblings.get(file) as string)
        const again = await answerOf(source, siblings.get(file) as string)
        if (answer.text !== again.text) note(failures, `${name}: two answers`)
        const fault = await faultOfResult(source, answer.plan)
        if (fault !== undefined) note(unsound, `${name}: the result is ${fault}`)
        verdicts[answer.verdict] = (verdicts[answer.verdict] ?? 0) + 1
        const stopped = answer.plan.findings.find(({ code }) => code === 'PQ606')
        if (stopped !== undefined) process.stderr.write(`fuzz: ${name} was stopped: ${stopped.message}\n`)
        const kind = stopped === undefined ? answer.plan.kind : 'stopped'
        plans[kind] = (plans[kind] ?? 0) + 1
      } catch (error) {
        note(failures, `${name}: ${messageOf(error)}`)
      }
      const { user, system } = process.cpuUsage(before)
      const ms = Math.round((user + system) / 1000)
      if (ms > slowest.ms) slowest = { name, ms }
      if (ms > MOST_MS) note(failures, `${name}: ${ms} ms`)
    }
    return { cases: to - from, failures, unsound, slowest, verdicts, plans }
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
