// Cuts a real file, repairs it from its sibling, and proves with DuckDB that the rows are those that were there.
// In packages/parquet of a built clone: node examples/cut-and-repair.js
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

import { openDuckDB } from '@tidegate/duckdb'
import { openDoctor } from '@tidegate/parquet'

// build/index.js of the package; its data lies beside.
const flights = fileURLToPath(new URL('../data/flights-3m.parquet', import.meta.resolve('vega-datasets')))
const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-'))
const january = path.join(folder, 'january.parquet')
const february = path.join(folder, 'february.parquet')
const cut = path.join(folder, 'cut.parquet')
const repaired = path.join(folder, 'repaired.parquet')

const duckdb = await openDuckDB()
const doctor = openDoctor()
try {
  // Two months of three million US flights, as two files of one table.
  for (const [month, file] of [
    [1, january],
    [2, february],
  ]) {
    await duckdb.query(`COPY (SELECT * FROM read_parquet('${flights}') WHERE month(date) = ${month})
      TO '${file}' (FORMAT parquet, ROW_GROUP_SIZE 20480)`)
  }

  // February arrives without its last quarter: no footer, so no reader opens it.
  const whole = readFileSync(february)
  writeFileSync(cut, whole)
  truncateSync(cut, Math.floor(whole.length * 0.75))
  console.log('DuckDB:', await duckdb.query(`SELECT count(*) FROM read_parquet('${cut}')`).catch(firstLine))

  const diagnosis = await doctor.diagnose(cut, { level: 'pages' })
  console.log('verdict:', diagnosis.verdict)
  for (const { code, message } of diagnosis.findings) console.log(' ', code, message)

  const report = await doctor.repair(cut, repaired, { schema: [{ sibling: january }] })
  const { summary, verification } = report
  console.log('status:', report.status, '· confidence:', summary.confidence, '· because', summary.evidence.join('; '))
  console.log('rows:', summary.totals.rowsRecovered, '· cells that are NULL now:', summary.totals.cellsNulled)
  console.log('read again by:', verification.readers.join(' and '), verification.ok ? '(ok)' : verification.mismatches)

  // The proof does not use our reader: the rows are the first ones of the whole file, in their order, each cell as it was.
  const rows = summary.totals.rowsRecovered
  const numbered = (file) => `(FROM read_parquet('${file}', file_row_number = true))`
  const differences = await duckdb.query(`SELECT
    (SELECT count(*) FROM (FROM ${numbered(repaired)} EXCEPT ALL FROM ${numbered(february)})),
    (SELECT count(*) FROM (SELECT * FROM ${numbered(february)} WHERE file_row_number < ${rows}
      EXCEPT ALL FROM ${numbered(repaired)}))`)
  const [[added, missing]] = differences.rows
  console.log('rows that the original does not have:', added, '· of its first', rows, 'rows missing:', missing)
  if (report.status === 'refused' || rows === 0 || Number(added) !== 0 || Number(missing) !== 0) process.exitCode = 1
} finally {
  await doctor.close()
  await duckdb.close()
  rmSync(folder, { recursive: true })
}

function firstLine(error) {
  return error.message.split('\n')[0]
}
