import { openManifestFolder, openParquetFolder } from './index.ts'
import { destinationContract, type ContractTarget } from './testing/contract/destination-contract.ts'
import { tempTarget } from './testing/temp-target.ts'

async function folder(open: typeof openParquetFolder): Promise<ContractTarget> {
  const temp = tempTarget()
  return {
    open: (options) => open({ directory: temp.target, quarantineDirectory: temp.quarantine, ...options }),
    quarantine: temp.quarantine,
    dispose: async () => temp[Symbol.dispose](),
  }
}

// Death at every mark: destination-contract.slow.ts.
destinationContract('parquet folder', () => folder(openParquetFolder), { runs: 6, deaths: 12 })

const GATE = 'it keeps no rows'
const cannot = { rows: GATE, leaving: GATE, replace: GATE, 'replace partitions': GATE, upsert: GATE, dedup: GATE, partitions: GATE, replays: GATE } // prettier-ignore
destinationContract('none', () => folder(openManifestFolder), { cannot })
