export { sessionOnDatabase, type AsyncDatabase } from './session-on-database.ts'
