import {
  array,
  assert,
  asyncProperty,
  boolean,
  constantFrom,
  nat,
  option,
  record,
  tuple,
  type Arbitrary,
} from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { WritePlan } from '@tidegate/core'
import { liveRows, loadBatch, notApplicable, PLAN, withTarget, type Row } from './contract-batch.ts'
import type { Ability, ContractContext } from './destination-contract.ts'
import { applyBatch, spellRows, type ModelRow } from './row-model.ts'

const BY_K = { keys: ['k'], orderBy: undefined }
const BY_K_ORDERED = { keys: ['k'], orderBy: 'o' }

const PLANS: readonly (readonly [Partial<WritePlan>, readonly Ability[]])[] = [
  [{}, []],
  [{ dedup: BY_K }, ['dedup']],
  [{ dedup: BY_K_ORDERED }, ['dedup']],
  [{ mode: 'upsert', keys: ['k'] }, ['upsert']],
  [{ mode: 'upsert', keys: ['k'], dedup: BY_K_ORDERED }, ['upsert']],
  [{ mode: 'replace', replace: 'all' }, ['replace']],
]
const PARTITIONED: readonly (readonly [Partial<WritePlan>, readonly Ability[]])[] = [
  ...PLANS,
  [{ mode: 'replace', replace: 'partitions' }, ['replace partitions']],
]

interface Step {
  readonly plan: number
  readonly together: boolean
  readonly files: readonly { readonly path: number; readonly rows: readonly Row[] }[]
  /** Another process goes on from here. */
  readonly reopen: boolean
}

const row: Arbitrary<Row> = tuple<[number | null, string | null, number | null]>(
  option(nat({ max: 4 }), { freq: 8 }),
  option(constantFrom('x', 'y'), { freq: 5 }),
  option(nat({ max: 3 }), { freq: 5 }),
)
const step: Arbitrary<Step> = record({
  plan: nat({ max: 100 }),
  together: boolean(),
  files: array(record({ path: nat({ max: 4 }), rows: array(row, { maxLength: 6 }) }), { maxLength: 3 }),
  reopen: boolean(),
})

/** Any sequence of batches against arrays. */
export function modelTests(context: ContractContext): void {
  describe('whatever batches come, in whatever order', () => {
    for (const partitioned of [false, true]) {
      const name = `the rows are those of a naive model${partitioned ? ', by partition' : ''}`
      const reason = context.cannot('rows', 'leaving', ...(partitioned ? (['partitions'] as const) : []))
      if (reason !== undefined) notApplicable(name, reason)
      else {
        const plans = (partitioned ? PARTITIONED : PLANS).filter(([, needs]) => context.cannot(...needs) === undefined)
        const made = plans.map(([plan]): WritePlan => ({ ...PLAN, ...plan, partitionBy: partitioned ? ['v'] : [] }))
        test(name, { timeout: 120_000 }, () =>
          assert(
            asyncProperty(array(step, { minLength: 2, maxLength: 7 }), (steps) => run(context, made, steps)),
            { numRuns: context.runs, seed: partitioned ? 2 : 1 },
          ),
        )
      }
    }
  })
}

function run(context: ContractContext, plans: readonly WritePlan[], steps: readonly Step[]): Promise<void> {
  return withTarget(context, async (open, session) => {
    let target = await open()
    await target.recover()
    let model: readonly ModelRow[] = []
    const versions = new Map<number, number>()
    for (const [at, { plan, together, files, reopen }] of steps.entries()) {
      const brought: Record<string, readonly Row[]> = {}
      const replaces: Record<string, string> = {}
      for (const { path, rows } of new Map(files.map((file) => [file.path, file])).values()) {
        const ordinal = (versions.get(path) ?? 0) + 1
        versions.set(path, ordinal)
        brought[`f${path}#${ordinal}`] = rows
        if (ordinal > 1) replaces[`f${path}#${ordinal}`] = `f${path}#${ordinal - 1}`
      }
      const chosen = plans[plan % plans.length] ?? PLAN
      const spec = {
        batch: `b${at}`,
        files: brought,
        replaces,
        together: together && Object.keys(brought).length > 0,
        plan: chosen,
      }
      expect((await loadBatch(target, session, spec)).kind).toBe('committed')
      model = applyBatch(model, { files: Object.entries(brought), leaving: Object.values(replaces), plan: chosen })
      if (reopen) {
        target = await open()
        await target.recover()
      }
      expect(await liveRows(target, session)).toEqual(spellRows(model))
      const parts = await target.liveParts()
      expect(parts.reduce((sum, part) => sum + part.rows, 0)).toBe(model.length)
    }
  })
}
