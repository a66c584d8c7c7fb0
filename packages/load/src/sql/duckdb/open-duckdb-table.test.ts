import { destinationContract } from '../../testing/contract/destination-contract.ts'
import { duckdbContractTarget } from '../testing/contract-targets.ts'

// At length in `contract.slow.ts`.
destinationContract('duckdb', duckdbContractTarget, { runs: 2, deaths: 8 })
