/** The whole repair over a sample of kinds of damage × writers × codecs × shapes, and what has to hold of it. */
import { performance } from 'node:perf_hooks'

import { messageOf } from '@tidegate/core'

import { diagnose } from '../diagnose/diagnose.ts'
import { planRepair } from '../repair/plan-repair.ts'
import { bytesSource } from './byte-source.ts'
import { mutate, MUTATIONS } from './mutate.ts'
import type { Truth } from './mutation.ts'
import { repairRunner, type RepairOutcome } from './run-repair-case.ts'
import { seededRandom, type SeededRandom } from './seeded-random.ts'
import type { SoundFile, SoundSpec } from './sound-file.ts'
import { openSoundFiles } from './sound-files.ts'

export interface RepairMatrixOptions {
  readonly seed: number
  readonly specs: readonly SoundSpec[]
  /** Files that each kind damages. */
  readonly casesPerKind: number
  /** Only kinds for which it holds. @defaultValue all */
  readonly filter?: (kind: string, index: number) => boolean
}

export interface KindResult {
  readonly kind: string
  readonly cases: number
  /** Over the cases that are proven or strong. */
  readonly salvageWorst: number
  readonly salvageMean: number
  readonly cellsWorst: number
  readonly cellsMean: number
  /** Where the bytes prove the damage. */
  readonly falseCells: number
  /** Where they do not: nobody can see it. */
  readonly undetectableCells: number
  readonly refused: number
}

export interface RepairMatrix {
  readonly kinds: readonly KindResult[]
  readonly cases: number
  /** Names of all cases. */
  readonly tried: ReadonlySet<string>
  /** Cases that are not as they must be, with no reason that is named: the name, a colon, what is wrong. */
  readonly failures: readonly string[]
  /** By confidence: the worst share of rows that came back. A weak plan is refused unless somebody agrees to it. */
  readonly salvageWorst: Readonly<Record<string, number>>
  /** By name of the reason: cases in which more was lost than the pages that were touched, or nothing came back. */
  readonly allowed: Readonly<Record<string, number>>
  /** Lost footers with rows to bring back, the right sibling and 4 or more columns; and how many are strong or proven. */
  readonly lostFooters: { readonly cases: number; readonly strong: number }
  /** Groups of codes reported ÷ due, and codes that were right ÷ all. */
  readonly recall: number
  readonly precision: number
  /** Cases whose diagnosis is not as it must be. */
  readonly diagnosisFaults: readonly string[]
  readonly meanMs: number
}

/** Each sound file: no finding of severity warn or above, and nothing to repair. */
export async function soundFaults(specs: readonly SoundSpec[]): Promise<readonly string[]> {
  const files = await openSoundFiles()
  try {
    const faults: string[] = []
    for (const spec of specs) {
      const { name, bytes } = await files.get(spec)
      const { findings, verdict } = await diagnose(bytesSource(bytes), { level: 'values', name: 'a.parquet' })
      const { kind } = await planRepair(bytesSource(bytes))
      const loud = findings.filter(({ severity }) => severity !== 'info').map(({ code }) => code)
      if (verdict !== 'ok' || loud.length > 0 || kind !== 'unchanged')
        faults.push(`${name}: ${verdict}, ${kind}, ${loud.join(' ')}`)
    }
    return faults
  } finally {
    await files.close()
  }
}

export async function runRepairMatrix({
  seed,
  specs,
  casesPerKind,
  filter,
}: RepairMatrixOptions): Promise<RepairMatrix> {
  const files = await openSoundFiles()
  try {
    const runner = repairRunner(files)
    const seen: Seen[] = []
    const thrown: string[] = []
    const tried = new Set<string>()
    for (const [index, { kind }] of MUTATIONS.entries()) {
      if (filter?.(kind, index) === false) continue
      for (let round = 0; round < casesPerKind; round++) {
        // Of its own, so that a case is the same whatever else is tried.
        const random = seededRandom('repair matrix', seed, kind, round)
        const spec = pick(specs, random)
        const [file, sibling] = [await files.get(spec), await files.get(spec, 'second')]
        // Every second one has the same columns, so that two files can become one.
        const other = round % 2 === 0 ? sibling : await files.get(pick(specs, random))
        const caseSeed = seed * 1000 + round
        const mutated = mutate(file, kind, caseSeed, other)
        if (mutated === undefined) continue
        const name = `${kind} of ${file.name} with seed ${caseSeed}${kind.includes('other') ? ` and ${other.name}` : ''}`
        tried.add(name)
        const fromMs = performance.now()
        try {
          const outcome = await runner.run({ ...mutated, file, sibling })
          seen.push({ name, truth: mutated.truth, file, outcome, ms: performance.now() - fromMs })
        } catch (error) {
          thrown.push(`${name}: ${messageOf(error)}`)
        }
      }
    }
    return { ...summarize(seen, thrown), tried }
  } finally {
    await files.close()
  }
}

function pick(specs: readonly SoundSpec[], random: SeededRandom): SoundSpec {
  const spec = random.pick(specs)
  if (spec === undefined) throw new Error('there are no files')
  return spec
}

interface Seen {
  readonly name: string
  readonly truth: Truth
  readonly file: SoundFile
  readonly outcome: RepairOutcome
  readonly ms: number
}

function summarize(seen: readonly Seen[], thrown: readonly string[]): Omit<RepairMatrix, 'tried'> {
  const failures = [...thrown]
  const allowed: Record<string, number> = {}
  for (const item of seen)
    for (const fault of faultsOf(item)) {
      if (fault.allowed === undefined) failures.push(`${item.name}: ${fault.what}`)
      else allowed[fault.allowed] = (allowed[fault.allowed] ?? 0) + 1
    }
  const lost = seen.filter(isLostFooter)
  const sum = (count: (item: Seen) => number): number => seen.reduce((total, item) => total + count(item), 0)
  const wanted = sum(({ outcome }) => outcome.diagnosis.wanted)
  const codes = sum(({ outcome }) => outcome.diagnosis.codes.length)
  return {
    kinds: [...Map.groupBy(seen, ({ truth }) => truth.kind)].map(([kind, items]) => resultOf(kind, items)),
    cases: seen.length + thrown.length,
    failures,
    salvageWorst: worstByConfidence(seen),
    allowed,
    lostFooters: { cases: lost.length, strong: lost.filter(({ outcome }) => isSure(outcome)).length },
    recall: wanted === 0 ? 1 : sum(({ outcome }) => outcome.diagnosis.found) / wanted,
    precision: codes === 0 ? 1 : 1 - sum(({ outcome }) => outcome.diagnosis.falseAlarms.length) / codes,
    diagnosisFaults: seen.flatMap(({ name, outcome }) => outcome.diagnosis.faults.map((fault) => `${name}: ${fault}`)),
    meanMs: sum(({ ms }) => ms) / Math.max(1, seen.length),
  }
}

function worstByConfidence(seen: readonly Seen[]): Record<string, number> {
  const worst: Record<string, number> = {}
  for (const item of seen) {
    if (isNestedText(item) || isStoredAsIs(item)) continue
    const { confidence, salvage } = item.outcome
    worst[confidence] = Math.min(worst[confidence] ?? 1, salvage)
  }
  return worst
}

interface Fault {
  readonly what: string
  /** Why it is none after all. */
  readonly allowed?: string | undefined
}

function faultsOf({ truth, file, outcome }: Seen): readonly Fault[] {
  const { status, salvage, cells, falseCells, loss, faults } = outcome
  if (isStoredAsIs({ truth, file, outcome }))
    return [
      {
        what: 'unchanged',
        allowed: 'V2 pages stored as they are need no codec; DuckDB wants one (not the specification)',
      },
    ]
  if (isNestedText({ truth, outcome }))
    return [{ what: 'unchanged', allowed: 'texts in structs and lists are not replaced (PQ903)' }]
  const found: Fault[] = faults.map((what) => ({ what }))
  if (status === 'refused' && salvage < 1 && faults.length === 0)
    found.push({ what: `refused: ${outcome.doubts.at(-1)}`, allowed: reasonOfRefusal(truth, file, outcome) })
  else if (salvage < 1) found.push({ what: `salvage ${salvage.toFixed(4)}` })
  const more = reasonOfLoss(truth, file)
  if (cells < 1) found.push({ what: `cells ${cells.toFixed(4)}`, allowed: more })
  if (loss.overclaimed > 0 && cells >= 1)
    found.push({ what: `${loss.overclaimed} cells of intact pages are said to be lost`, allowed: more })
  if (loss.unclaimed > 0) found.push({ what: `${loss.unclaimed} NULLs are not in the list of losses` })
  if (falseCells > 0 && truth.expected.detectable) {
    found.push({ what: `${falseCells} false cells`, allowed: reasonOfFalse(truth.kind) })
  }
  return found
}

/** Each page says that it is not compressed, so the codec in the footer says nothing. */
function isStoredAsIs({ truth, file, outcome }: Pick<Seen, 'truth' | 'file' | 'outcome'>): boolean {
  const isStored =
    file.spec.codec === 'none' &&
    file.layout.rowGroups.every(({ chunks }) =>
      chunks.every(({ pages }) => pages.every(({ kind }) => kind !== 'data-v1')),
    )
  return truth.kind === 'footer-flip-codec' && outcome.status === 'unchanged' && isStored
}

/** DuckDB does not read it, and there is nothing to compare. */
function isNestedText({ truth, outcome }: Pick<Seen, 'truth' | 'outcome'>): boolean {
  const isUnread = outcome.faults.some((fault) => fault.includes('UTF8'))
  return isUnread && (truth.kind.startsWith('invalid-utf8') || !truth.expected.detectable)
}

/** Where a cell is another one on purpose. */
export function reasonOfFalse(kind: string): string | undefined {
  if (kind.startsWith('invalid-utf8')) return 'U+FFFD in place of bytes that are not UTF-8, as asked'
  return kind === 'decimal-overflow' ? 'a number with too many digits stays as it is stored' : undefined
}

function reasonOfRefusal({ kind }: Truth, { layout }: SoundFile, { confidence }: RepairOutcome): string | undefined {
  if (kind === 'encrypted-magic') return 'a file that says it is encrypted'
  if (confidence === 'weak' && layout.leaves.length < 4) return 'weak: fewer than 4 columns'
  return undefined
}

/** Where more may be lost than the pages that were touched. */
function reasonOfLoss({ kind }: Truth, { spec }: SoundFile): string | undefined {
  if (kind.startsWith('page-values-')) return 'which of several pages counts wrongly cannot always be told'
  if (kind.startsWith('bytes-')) return 'a page behind which bytes are missing is not believed'
  return spec.shape === 'map' ? 'a key of a map cannot be NULL, so its value goes with it' : undefined
}

function isLostFooter({ truth, file, outcome }: Seen): boolean {
  const isKind = /^(cut-|footer-removed|footer-cut-|footer-zeroed|page-damage-without-footer)/.test(truth.kind)
  return isKind && file.layout.leaves.length >= 4 && truth.intact.rows > 0 && outcome.schemaFrom !== 'own-footer'
}

function isSure({ confidence }: RepairOutcome): boolean {
  return confidence === 'strong' || confidence === 'proven'
}

function resultOf(kind: string, items: readonly Seen[]): KindResult {
  const sure = items
    .filter((item) => isSure(item.outcome) && !isNestedText(item) && !isStoredAsIs(item))
    .map(({ outcome }) => outcome)
  const worst = (values: readonly number[]): number => Math.min(1, ...values)
  const mean = (values: readonly number[]): number =>
    values.length === 0 ? 1 : values.reduce((sum, value) => sum + value, 0) / values.length
  const [salvage, cells] = [sure.map((outcome) => outcome.salvage), sure.map((outcome) => outcome.cells)]
  const falseCells = (isDetectable: boolean): number =>
    items
      .filter(({ truth }) => truth.expected.detectable === isDetectable)
      .reduce((sum, { outcome }) => sum + outcome.falseCells, 0)
  return {
    kind,
    cases: items.length,
    salvageWorst: worst(salvage),
    salvageMean: mean(salvage),
    cellsWorst: worst(cells),
    cellsMean: mean(cells),
    falseCells: falseCells(true),
    undetectableCells: falseCells(false),
    refused: items.filter(({ outcome }) => outcome.status === 'refused').length,
  }
}

/** Every combination that can be written, of which a seeded sample is taken; wide files, which take long, seldom. */
export function sampleSpecs(all: readonly SoundSpec[], count: number, seed: number): readonly SoundSpec[] {
  const random = seededRandom('specs', seed)
  const groups = Map.groupBy(all, ({ writer, shape }) => `${writer} ${shape}`)
  const chosen = new Set<SoundSpec>()
  // Each writer with each shape in turn, so that a small sample has them all.
  for (let round = 0; chosen.size < count; round++)
    for (const [key, specs] of groups) {
      if (key.endsWith('wide') && round > 0) continue
      const spec = random.pick(specs)
      if (spec !== undefined && chosen.size < count) chosen.add(spec)
    }
  return [...chosen]
}
