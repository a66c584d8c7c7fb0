export { startPostgres, type TestPostgres, type TestPostgresOptions } from './start-postgres.ts'
