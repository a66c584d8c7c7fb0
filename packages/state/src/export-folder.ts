import { once } from 'node:events'
import { createWriteStream, mkdirSync } from 'node:fs'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { stringifyJson, type JsonValue } from '@tidegate/core'
import type { State } from './state.ts'

export interface ExportedFiles {
  /** All rows that only the state knows, one JSON object per line: `{"table": …, "row": …}`. */
  readonly state: { readonly path: string; readonly rows: number }
  /** Every watermark by its source, with the column names of the view `watermarks`. */
  readonly watermarks: { readonly path: string; readonly rows: number }
  /** One line per result of a check, as the older platform logs them. */
  readonly checks: { readonly path: string; readonly rows: number }
}

/** Writes `state.ndjson`, `watermarks.json` and `dq_logs.jsonl` into a folder, which is made. Files of these names are replaced. */
export async function exportFolder(
  state: Pick<State, 'exportState' | 'listWatermarks'>,
  folder: string,
): Promise<ExportedFiles> {
  mkdirSync(folder, { recursive: true })
  const files = { state: path.join(folder, 'state.ndjson'), watermarks: path.join(folder, 'watermarks.json') }
  const checksPath = path.join(folder, 'dq_logs.jsonl')
  let checks = 0
  let rows = 0
  const logs = createWriteStream(checksPath)
  const lines = async function* (): AsyncGenerator<string> {
    for await (const { table, row } of state.exportState()) {
      rows += 1
      if (table === 'check_result') {
        checks += 1
        if (!logs.write(`${stringifyJson(logLine(row))}\n`)) await once(logs, 'drain')
      }
      yield `${stringifyJson({ table, row })}\n`
    }
  }
  await pipeline(Readable.from(lines()), createWriteStream(files.state))
  await new Promise<void>((resolve, reject) => {
    logs.once('error', reject)
    logs.end(() => resolve())
  })
  const watermarks = await state.listWatermarks()
  const bySource = Object.fromEntries(
    watermarks.map((record) => [
      record.source,
      {
        watermark_value: record.value,
        watermark_type: record.type,
        last_updated: new Date(record.updatedAtMs).toISOString(),
        records_processed: record.recordsProcessed,
        metadata: record.metadata,
      },
    ]),
  )
  await pipeline(Readable.from([`${stringifyJson(bySource)}\n`]), createWriteStream(files.watermarks))
  return {
    state: { path: files.state, rows },
    watermarks: { path: files.watermarks, rows: watermarks.length },
    checks: { path: checksPath, rows: checks },
  }
}

function logLine(row: Readonly<Record<string, JsonValue>>): Readonly<Record<string, JsonValue>> {
  return {
    timestamp: new Date(Number(row['checked_at_ms'])).toISOString(),
    source_name: row['source'] ?? null,
    dataset: row['dataset'] ?? null,
    file: row['file'] ?? null,
    run_id: row['run'] ?? null,
    check_id: row['check_id'] ?? null,
    expectation_type: row['type'] ?? null,
    success: row['failed'] === 0,
    result: JSON.parse(String(row['result'])) as JsonValue,
  }
}
