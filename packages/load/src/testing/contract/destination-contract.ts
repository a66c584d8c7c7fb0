/**
 * What every destination promises, run against each. A destination says what it cannot do, with the reason, and the tests of
 * that are skipped under a name that gives it.
 *
 * The rows of these tests are `(k BIGINT, v VARCHAR, o BIGINT, f VARCHAR, n BIGINT)`: a key, a value, something to order by, the
 * file version, and the row's number in it. They are read back by `liveRows`, so that no test knows how they are kept.
 */
import { afterAll, beforeAll, describe } from 'vitest'
import type { Destination, Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import type { Mark } from '../../index.ts'
import { commitTests } from './commit-tests.ts'
import { deathTests } from './death-tests.ts'
import { modeTests } from './mode-tests.ts'
import { modelTests } from './model-tests.ts'
import { replayTests } from './replay-tests.ts'

/** An empty target of the kind to be tested. */
export interface ContractTarget {
  /**
   * Opens it anew, as another process would; nothing is shared in memory. The suite closes what it opened.
   *
   * @param mark called after each step of the protocol; may throw, and the call that it is in then fails there
   */
  open(options?: { readonly mark?: Mark | undefined }): Promise<Destination>
  /** Absolute folder of rejected rows and held files, where the destination keeps them as files. */
  readonly quarantine?: string | undefined
  /** Removes it. */
  dispose(): Promise<void>
}

/** What a destination may lack. */
export type Ability =
  /** Keeps rows, and gives them out by `liveRows`. */
  | 'rows'
  /** Takes rows of earlier file versions away: `settle` with `leaving`. */
  | 'leaving'
  | 'replace'
  | 'replace partitions'
  | 'upsert'
  | 'dedup'
  | 'partitions'
  /** Tells an empty text from NULL among partition values. */
  | 'partitions of empty text'
  /** Rows of records in quarantine come back. */
  | 'replays'
  /** Dies at each mark and is mended by `recover`. */
  | 'marks'

export interface ContractOptions {
  /** Reason by what it cannot do. */
  readonly cannot?: Readonly<Partial<Record<Ability, string>>> | undefined
  /** Random sequences of batches. @defaultValue 8 */
  readonly runs?: number | undefined
  /** Marks to die at, from the first to the last. @defaultValue all */
  readonly deaths?: number | undefined
}

/** What the tests of this suite work with. */
export interface ContractContext {
  readonly session: () => Session
  readonly fresh: () => Promise<ContractTarget>
  readonly cannot: (...abilities: readonly Ability[]) => string | undefined
  readonly runs: number
  readonly deaths: number
}

/** @param fresh makes an empty target; called for each test */
export function destinationContract(
  name: string,
  fresh: () => Promise<ContractTarget>,
  options: ContractOptions = {},
): void {
  describe(`the contract of destinations: ${name}`, () => {
    let session: Session
    beforeAll(async () => {
      session = await openDuckDB({ threads: 1 })
    })
    afterAll(() => session.close())
    const cannot = (...abilities: readonly Ability[]): string | undefined =>
      abilities.map((ability) => options.cannot?.[ability]).find((reason) => reason !== undefined)
    const { runs = 8, deaths = Number.POSITIVE_INFINITY } = options
    const context: ContractContext = { session: () => session, fresh, cannot, runs, deaths }
    commitTests(context)
    modeTests(context)
    replayTests(context)
    deathTests(context)
    modelTests(context)
  })
}
