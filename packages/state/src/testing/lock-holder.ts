// `lock-holder <file> <ms>`: holds the write lock of a SQLite database for so long, and says when it has it.
import Sqlite from 'better-sqlite3'

process.on('disconnect', () => process.exit(1))
const [file = '', forMs = '0'] = process.argv.slice(2)
const database = new Sqlite(file)
database.exec('begin immediate')
process.send?.('locked')
setTimeout(() => {
  database.exec('rollback')
  database.close()
  process.exit(0)
}, Number(forMs))
