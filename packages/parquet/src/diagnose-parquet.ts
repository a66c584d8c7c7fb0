import type { ByteSource, Diagnosis, Finding } from '@tidegate/core'

import { checkFooter } from './check-footer.ts'
import { checkLayout } from './check-layout.ts'
import { finding } from './finding-codes.ts'
import type { ParquetFooter } from './footer.ts'
import { readFooter } from './read-footer.ts'
import type { Detected } from './sniff-format.ts'

/** A file that should be Parquet. */
export async function diagnoseParquet(
  source: ByteSource,
  seen: { readonly head: Uint8Array; readonly detected: Detected; readonly level: 'container' | 'footer' },
): Promise<Diagnosis> {
  const { head, detected } = seen
  const magicAtHead = isMagic(head, 'PAR1')
  const outcome = await readFooter(source)
  if (outcome.kind === 'ok') {
    const findings = [...outcome.findings]
    if (seen.level === 'footer') {
      findings.push(...checkFooter(outcome.footer, source.sizeBytes))
      if (!findings.some(isBad)) findings.push(...(await checkLayout(source, outcome.footer, head)))
    }
    if (!magicAtHead && !findings.some(({ code }) => code === 'PQ108' || code === 'PQ113'))
      findings.push(headMissing(head))
    return conclude(source.sizeBytes, findings, outcome.footer)
  }
  if (!magicAtHead && !isMagic(head, 'PARE') && detected !== 'parquet') {
    const wrong =
      detected === 'empty' || outcome.findings.some(({ code }) => code === 'PQ102') ? undefined : notParquet(detected)
    if (wrong !== undefined) return { ...conclude(source.sizeBytes, [wrong]), verdict: 'not-parquet', detected }
  }
  return { ...conclude(source.sizeBytes, outcome.findings), detected }
}

function conclude(sizeBytes: number, findings: readonly Finding[], footer?: ParquetFooter): Diagnosis {
  return {
    kind: findings.some(isBad) ? 'unreadable' : 'sound',
    verdict: verdictOf(findings),
    detected: 'parquet',
    sizeBytes,
    findings,
    ...(footer === undefined
      ? {}
      : {
          rows: footer.rows === 0 ? footer.rowGroups.reduce((sum, group) => sum + group.rows, 0) : footer.rows,
          rowGroups: footer.rowGroups.length,
          createdBy: footer.createdBy,
          schema: footer.columns,
        }),
  }
}

function verdictOf(findings: readonly Finding[]): Diagnosis['verdict'] {
  if (findings.some(({ code }) => code === 'PQ112' || code === 'PQ113')) return 'encrypted'
  const bad = findings.filter(isBad)
  if (bad.length === 0) return findings.length > 0 ? 'ok-with-warnings' : 'ok'
  if (bad.some(({ repairable }) => repairable === 'no')) return 'unrecoverable'
  return bad.every(({ repairable }) => repairable === 'lossless') ? 'repairable-lossless' : 'repairable-lossy'
}

function isBad(found: Finding): boolean {
  return found.severity === 'error' || found.severity === 'fatal'
}

function headMissing(head: Uint8Array): Finding {
  const firstBytes = Buffer.from(head.subarray(0, 4)).toString('hex')
  return finding('PQ104', `The file begins with ${firstBytes} instead of PAR1; its footer is in order.`, {
    repairable: 'lossless',
    where: { offset: 0, length: 4 },
    evidence: { firstBytes },
  })
}

const DESCRIPTIONS: Readonly<Record<Detected, string>> = {
  parquet: 'a Parquet file',
  csv: 'delimited text (CSV)',
  json: 'a JSON document',
  ndjson: 'newline-delimited JSON',
  gzip: 'a gzip archive',
  zstd: 'a zstd archive',
  zip: 'a zip archive',
  empty: 'an empty file',
  html: 'an HTML page',
  binary: 'binary data of an unknown kind',
  text: 'plain text',
  'lfs-pointer': 'a Git LFS pointer, not the file it stands for',
  orc: 'an ORC file',
  avro: 'an Avro file',
  arrow: 'an Arrow IPC file',
  sqlite: 'an SQLite database',
}

/** What a file looks like, for people. */
export function describeDetected(detected: Detected): string {
  return DESCRIPTIONS[detected]
}

function notParquet(detected: Detected): Finding {
  const packed = detected === 'gzip' || detected === 'zstd' || detected === 'zip'
  return packed
    ? finding('PQ110', `The file is ${describeDetected(detected)}, not a bare Parquet file.`, {
        severity: 'fatal',
        evidence: { detected },
      })
    : finding('PQ103', `The file is not Parquet; it looks like ${describeDetected(detected)}.`, {
        severity: 'fatal',
        evidence: { detected },
      })
}

export function isMagic(bytes: Uint8Array, magic: 'PAR1' | 'PARE'): boolean {
  return Buffer.from(bytes.subarray(0, 4)).toString('latin1') === magic
}
