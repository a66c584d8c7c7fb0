import { performance } from 'node:perf_hooks'

import { messageOf } from '@tidegate/core'

import type { DiagnosisCheck } from './check-diagnosis.ts'
import { mutate, MUTATIONS } from './mutate.ts'
import type { Family, Mutated } from './mutation.ts'
import { seededRandom } from './seeded-random.ts'
import type { SoundFile, SoundSpec } from './sound-file.ts'
import { SMALL_SPECS, type SoundFiles } from './sound-files.ts'

export interface MatrixCase extends Mutated {
  readonly file: SoundFile
  readonly name: string
}

/** What came of one case. Leave out what the function under test does not answer. */
export interface CaseOutcome {
  /** Rows (or cells) brought back ÷ those physically intact; 1 where nothing is intact. */
  readonly salvage?: number
  readonly falseCells?: number
  readonly diagnosis?: Pick<DiagnosisCheck, 'found' | 'wanted' | 'falseAlarms' | 'codes'>
}

export interface MatrixOptions {
  readonly files: SoundFiles
  readonly run: (item: MatrixCase) => Promise<CaseOutcome>
  /** Kinds take turns, so each gets as many cases as the others. */
  readonly cases: number
  readonly seed: number
  /** No case begins after this time. @defaultValue no limit */
  readonly budgetMs?: number
  /** @defaultValue {@link SMALL_SPECS} */
  readonly specs?: readonly SoundSpec[]
  /** @defaultValue all */
  readonly families?: readonly Family[]
}

export interface MatrixRow {
  readonly family: Family
  readonly kind: string
  readonly cases: number
  /** Undefined where no case answered. */
  readonly salvageWorst: number | undefined
  readonly salvageMean: number | undefined
  /** The case of the worst salvage. */
  readonly worstCase: string | undefined
  readonly falseCells: number
  /** Groups of codes reported ÷ due. */
  readonly recall: number | undefined
  /** Codes that were right ÷ all. */
  readonly precision: number | undefined
  readonly meanMs: number
  readonly worstMs: number
}

export interface MatrixResult {
  readonly rows: readonly MatrixRow[]
  readonly cases: number
  /** Combinations where the file had nothing to damage. */
  readonly notApplicable: number
  /** Cases for which the time did not suffice. */
  readonly leftOut: number
  /** Cases in which the function threw. */
  readonly failures: readonly { readonly name: string; readonly message: string }[]
}

/** Runs a function over a sample of kinds × files × seeds. The same seed and number of cases give the same sample. */
export async function runMatrix(options: MatrixOptions): Promise<MatrixResult> {
  const { files, run, cases, seed, budgetMs = Infinity, specs = SMALL_SPECS, families } = options
  const mutations = MUTATIONS.filter(({ family }) => families === undefined || families.includes(family))
  const random = seededRandom('matrix', seed)
  const seen: Seen[] = []
  const failures: { name: string; message: string }[] = []
  let notApplicable = 0
  let begun = 0
  const startMs = performance.now()
  for (; begun < cases && performance.now() - startMs < budgetMs; begun++) {
    const mutation = mutations[begun % mutations.length]
    const [spec, otherSpec] = [random.pick(specs), random.pick(specs)]
    if (mutation === undefined || spec === undefined || otherSpec === undefined) break
    const file = await files.get(spec)
    const caseSeed = seed + begun
    const mutated = mutate(file, mutation.kind, caseSeed, await files.get(otherSpec))
    if (mutated === undefined) {
      notApplicable++
      continue
    }
    const name = `${mutation.kind} of ${file.name} with seed ${caseSeed}`
    const fromMs = performance.now()
    try {
      const outcome = await run({ ...mutated, file, name })
      seen.push({ kind: mutation.kind, name, outcome, tookMs: performance.now() - fromMs })
    } catch (error) {
      failures.push({ name, message: messageOf(error) })
    }
  }
  const rows = mutations.flatMap(({ family, kind }) => {
    const ofKind = seen.filter((item) => item.kind === kind)
    return ofKind.length === 0 ? [] : [{ family, kind, ...summarize(ofKind) }]
  })
  return { rows, cases: seen.length + failures.length, notApplicable, leftOut: cases - begun, failures }
}

interface Seen {
  readonly kind: string
  readonly name: string
  readonly outcome: CaseOutcome
  readonly tookMs: number
}

function summarize(items: readonly Seen[]): Omit<MatrixRow, 'family' | 'kind'> {
  const salvaged = items.filter(({ outcome }) => outcome.salvage !== undefined)
  const salvages = salvaged.map(({ outcome }) => outcome.salvage ?? 0)
  const salvageWorst = salvages.length === 0 ? undefined : Math.min(...salvages)
  const total = (count: (outcome: NonNullable<CaseOutcome['diagnosis']>) => number): number =>
    items.reduce((sum, { outcome }) => sum + (outcome.diagnosis === undefined ? 0 : count(outcome.diagnosis)), 0)
  const wanted = total((diagnosis) => diagnosis.wanted)
  const said = total((diagnosis) => diagnosis.codes.length)
  const times = items.map(({ tookMs }) => tookMs)
  return {
    cases: items.length,
    salvageWorst,
    salvageMean: salvages.length === 0 ? undefined : mean(salvages),
    worstCase: salvaged.find(({ outcome }) => outcome.salvage === salvageWorst)?.name,
    falseCells: items.reduce((sum, { outcome }) => sum + (outcome.falseCells ?? 0), 0),
    recall: wanted === 0 ? undefined : total((diagnosis) => diagnosis.found) / wanted,
    precision: said === 0 ? undefined : 1 - total((diagnosis) => diagnosis.falseAlarms.length) / said,
    meanMs: mean(times),
    worstMs: Math.max(...times),
  }
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length
}

/** The result as a Markdown table with what was left out below it. */
export function matrixMarkdown({ rows, cases, notApplicable, leftOut, failures }: MatrixResult): string {
  const ratio = (value: number | undefined): string => (value === undefined ? '–' : value.toFixed(3))
  const lines = rows.map(
    (row) =>
      `| ${row.family} | ${row.kind} | ${row.cases} | ${ratio(row.salvageWorst)} | ${ratio(row.salvageMean)} | ${row.falseCells} | ${ratio(row.recall)} | ${ratio(row.precision)} | ${row.meanMs.toFixed(1)} | ${row.worstMs.toFixed(1)} |`,
  )
  return [
    '| family | kind | cases | salvage, worst | mean | false cells | recall | precision | ms, mean | worst |',
    '|---|---|--:|--:|--:|--:|--:|--:|--:|--:|',
    ...lines,
    '',
    `${cases} cases, ${failures.length} failures, ${notApplicable} combinations with nothing to damage, ${leftOut} left out for time.`,
    ...failures.map(({ name, message }) => `- ${name}: ${message}`),
  ].join('\n')
}
