import { afterAll } from 'vitest'
import { startPostgres } from '@tidegate/postgres/testing'
import { destinationContract } from '../../testing/contract/destination-contract.ts'
import { postgresContractTarget } from '../testing/contract-targets.ts'

const server = await startPostgres()
afterAll(() => server.close())

let count = 0
// At length in `contract.slow.ts`.
destinationContract('postgres', () => postgresContractTarget(server.url, `Flights ${++count}`), { runs: 2, deaths: 8 })
