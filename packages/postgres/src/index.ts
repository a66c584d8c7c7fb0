export { connect, type ConnectOptions } from './connect.ts'
export { openPool, type PoolOptions, type PostgresPool } from './open-pool.ts'
export type { PostgresClient, PostgresResult } from './client.ts'
export { inTransaction, isSerializationFailure, type TransactionOptions } from './transaction.ts'
export { copyIn, copyOut, type CopyOptions } from './copy.ts'
export { quoteIdentifier, quoteLiteral, quoteTable } from './quote.ts'
export {
  isPostgresUrl,
  locationOf,
  maskUrl,
  parsePostgresUrl,
  type PostgresAddress,
  type TlsMode,
} from './postgres-url.ts'
export { sqlStateOf, toPostgresError } from './postgres-errors.ts'
export type { Int8 } from './value-parsers.ts'
