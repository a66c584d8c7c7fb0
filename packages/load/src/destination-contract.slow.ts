/** The contract with many more random sequences of batches. */
import { openParquetFolder } from './index.ts'
import { destinationContract } from './testing/contract/destination-contract.ts'
import { tempTarget } from './testing/temp-target.ts'

const AFTER_EACH = { keys: 1, entries: 1 }

async function folder(checkpoint?: typeof AFTER_EACH): ReturnType<Parameters<typeof destinationContract>[1]> {
  const temp = tempTarget()
  return {
    open: (options) =>
      openParquetFolder({ directory: temp.target, quarantineDirectory: temp.quarantine, checkpoint, ...options }),
    dispose: async () => temp[Symbol.dispose](),
  }
}

destinationContract('parquet folder, at length', () => folder(), { runs: 100 })
destinationContract('parquet folder, with a checkpoint after each entry', () => folder(AFTER_EACH), { runs: 20 })
