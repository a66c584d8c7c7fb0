import { FIRST } from './0001-first.ts'
import { REPAIR } from './0002-repair.ts'
import { EXACTLY_ONCE } from './0003-exactly-once.ts'
import { LISTING } from './0004-listing.ts'
import { CONTRACTS } from './0005-contracts.ts'
import { OPERATIONS } from './0006-operations.ts'

/** Forward only. The place in the list is the version; what was released is never edited. */
export const MIGRATIONS: readonly string[] = [FIRST, REPAIR, EXACTLY_ONCE, LISTING, CONTRACTS, OPERATIONS]

/** The version of the tables that this package reads and writes. */
export const SCHEMA_VERSION: number = MIGRATIONS.length

/** What each step brings, for people. */
export const MIGRATION_NAMES: readonly string[] = [
  'first tables',
  'repaired files',
  'replayed and superseded rows',
  'folders of the last listing',
  'contracts that were used',
  'schedules, jobs, access and alerts',
]
