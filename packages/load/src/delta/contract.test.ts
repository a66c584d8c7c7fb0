import type { Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll } from 'vitest'
import { destinationContract } from '../testing/contract/destination-contract.ts'
import { tempTarget } from '../testing/temp-target.ts'
import type { DeltaMark } from './mark.ts'
import { openDeltaTable } from './open-delta-table.ts'

/** For the log; rows are staged through the sessions of the suite. */
let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(() => session.close())

const APPEND = 'rows are only appended to a Delta table'
const cannot = { leaving: APPEND, replace: APPEND, 'replace partitions': APPEND, upsert: APPEND, 'partitions of empty text': 'the Delta log writes both as nothing' } // prettier-ignore

destinationContract(
  'delta',
  async () => {
    const temp = tempTarget()
    return {
      open: (options) =>
        openDeltaTable({
          directory: temp.target,
          quarantineDirectory: temp.quarantine,
          session,
          mark: options?.mark as DeltaMark | undefined,
        }),
      quarantine: temp.quarantine,
      dispose: async () => temp[Symbol.dispose](),
    }
  },
  { cannot },
)
