/**
 * Diagnoses in a fresh process: `node parquet-worker.ts FILE LEVEL [TIMES]` → JSON with the time of the first, the
 * shortest of those after it, and the process's peak memory.
 */
import { diagnose } from '@tidegate/parquet'
import { peakMemoryBytes } from './peak-memory.ts'

export interface ParquetReport {
  readonly verdict: string
  readonly pages: number
  /** The first, with all that a process does once: reading and compiling its code. */
  readonly ms: number
  /** The shortest of the others; null where there was one only. */
  readonly warmMs: number | null
  readonly peakBytes: number | null
}

const [path = '', level = 'footer', times = '1'] = process.argv.slice(2)
const taken: number[] = []
let [verdict, pages] = ['', 0]
for (let round = 0; round < Number(times); round++) {
  const startedMs = performance.now()
  const diagnosis = await diagnose({ path }, { level: level as 'headers' | 'pages' | 'values' })
  taken.push(performance.now() - startedMs)
  verdict = diagnosis.verdict
  pages = diagnosis.checked?.pages ?? 0
}
const [ms = Number.NaN, ...warm] = taken
const report: ParquetReport = {
  verdict,
  pages,
  ms,
  warmMs: warm.length === 0 ? null : Math.min(...warm),
  peakBytes: peakMemoryBytes(process.pid),
}
process.stdout.write(JSON.stringify(report))
