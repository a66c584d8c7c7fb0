// Looks through a folder with the doctor: every file, and what only the folder tells. Changes nothing in it.
// In packages/parquet of a built clone: node examples/diagnose-folder.js [FOLDER]; without FOLDER it makes one with five troubles.
import { copyFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { openDuckDB } from '@tidegate/duckdb'
import { diagnoseDataset, FINDING_CODES, openDoctor } from '@tidegate/parquet'

const [given] = process.argv.slice(2)
const folder = given ?? (await makeTroubledFolder())
const doctor = openDoctor()
try {
  const diagnose = (file) => doctor.diagnose(file, { level: 'pages', name: path.basename(file) })
  for await (const item of diagnoseDataset(folder, { diagnose })) {
    if (item.kind === 'file') {
      console.log(`${item.path}: ${item.diagnosis.verdict}, ${item.diagnosis.rows ?? '?'} rows`)
      for (const { code, message } of item.diagnosis.findings) console.log(`  ${code} ${message}`)
    } else if (item.kind === 'finding') {
      console.log(`${item.path}: ${item.finding.code} ${item.finding.message}`)
      console.log(`  ${FINDING_CODES[item.finding.code].hint}`)
    } else {
      const { files, sound, rows, others } = item.summary
      console.log(`${files} files, ${sound} sound with ${rows} rows, ${others} of other kinds`)
    }
  }
} finally {
  await doctor.close()
  if (given === undefined) rmSync(folder, { recursive: true })
}

/** One sound file, one cut, one with bytes behind its end, one of another schema, one twice; and a marker. */
async function makeTroubledFolder() {
  const made = mkdtempSync(path.join(tmpdir(), 'tidegate-'))
  const at = (name) => path.join(made, name)
  const duckdb = await openDuckDB()
  const write = async (name, columns) =>
    await duckdb.query(`COPY (SELECT ${columns} FROM range(10000) t(i)) TO '${at(name)}' (FORMAT parquet)`)
  for (const day of [1, 2, 3]) await write(`day-${day}.parquet`, `i * ${day} AS id, i % 7 AS code`)
  await write('stranger.parquet', `i AS id, 'x' || i AS code`)
  await duckdb.close()
  truncateSync(at('day-2.parquet'), 20_000)
  writeFileSync(at('day-3.parquet'), Buffer.concat([readFileSync(at('day-3.parquet')), Buffer.from('\n')]))
  copyFileSync(at('day-1.parquet'), at('again.parquet'))
  writeFileSync(at('_SUCCESS'), '')
  return made
}
