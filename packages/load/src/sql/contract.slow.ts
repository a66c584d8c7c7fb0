/** The contract with more random sequences of batches, and death at every mark. */
import { afterAll } from 'vitest'
import { startPostgres } from '@tidegate/postgres/testing'
import { destinationContract } from '../testing/contract/destination-contract.ts'
import { duckdbContractTarget, postgresContractTarget } from './testing/contract-targets.ts'

const server = await startPostgres()
afterAll(() => server.close())

let count = 0
destinationContract('duckdb, at length', duckdbContractTarget, { runs: 20 })
destinationContract('postgres, at length', () => postgresContractTarget(server.url, `Flights ${++count}`), { runs: 20 })
