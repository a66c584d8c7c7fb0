import type { ByteSource, Diagnosis, FileFormat, Finding } from '@tidegate/core'

import { diagnoseParquet } from './diagnose-parquet.ts'
import { diagnoseText } from './diagnose-text.ts'
import { finding } from './finding-codes.ts'
import { sniffFormat, type Detected } from './sniff-format.ts'

export interface DiagnoseOptions {
  /** The file's name; it decides only where the bytes leave the format open. */
  readonly name: string
  readonly expected: FileFormat | 'auto'
  /** `container`: is there a footer that can be decoded. `footer`: does what it says fit itself and the file. */
  readonly level: 'container' | 'footer'
}

/** Head and tail that are read of every file. */
const WINDOW_BYTES = 64 * 1024

/**
 * Says whether a file may be read, and if not, why. Reads at most 64 KiB at each end, the footer, and some page headers;
 * never the data. Bad bytes are findings: it throws only what the source throws (I/O).
 */
export async function diagnoseFile(source: ByteSource, options: DiagnoseOptions): Promise<Diagnosis> {
  const size = source.sizeBytes
  if (size === 0) {
    const empty = finding('PQ101', 'The file is empty (0 bytes).', { severity: 'fatal' })
    return diagnosis('empty', 0, [empty])
  }
  const head = await source.read(0, Math.min(size, WINDOW_BYTES))
  const tail = size <= WINDOW_BYTES ? head : await source.read(size - WINDOW_BYTES, WINDOW_BYTES)
  const detected = sniffFormat(head, tail, options.name)
  const expected = options.expected === 'auto' ? expectedByName(options.name, detected) : options.expected
  if (expected === 'parquet') return await diagnoseParquet(source, { ...options, head })
  const text = await diagnoseText({ head, tail, size, name: options.name, expected, detected })
  return diagnosis(text.detected, size, text.findings)
}

/** Without an expectation, a name that says Parquet counts only where the bytes do not say something else. */
function expectedByName(name: string, detected: Detected): FileFormat | undefined {
  if (detected === 'parquet' || /\.(parquet|parq|pq)$/i.test(name)) return 'parquet'
  return detected === 'csv' || detected === 'json' || detected === 'ndjson' ? detected : undefined
}

function diagnosis(detected: Detected, sizeBytes: number, findings: readonly Finding[]): Diagnosis {
  const unreadable = findings.some(({ severity }) => severity === 'error' || severity === 'fatal')
  const verdict = unreadable ? 'unrecoverable' : findings.length > 0 ? 'ok-with-warnings' : 'ok'
  return { kind: unreadable ? 'unreadable' : 'sound', verdict, detected, sizeBytes, findings }
}
