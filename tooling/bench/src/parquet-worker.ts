/** One diagnosis in a fresh process: `node parquet-worker.ts FILE LEVEL` → JSON with its time and the process's peak memory. */
import { diagnose } from '@tidegate/parquet'
import { peakMemoryBytes } from './peak-memory.ts'

export interface ParquetReport {
  readonly verdict: string
  readonly pages: number
  readonly ms: number
  readonly peakBytes: number | null
}

const [path = '', level = 'footer'] = process.argv.slice(2)
const startedMs = performance.now()
const { verdict, checked } = await diagnose({ path }, { level: level as 'headers' | 'pages' | 'values' })
const ms = performance.now() - startedMs
const report: ParquetReport = { verdict, pages: checked?.pages ?? 0, ms, peakBytes: peakMemoryBytes(process.pid) }
process.stdout.write(JSON.stringify(report))
