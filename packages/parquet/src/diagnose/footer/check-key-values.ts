/** Key-value metadata that other programs read: can they. Pure. */
import type { Finding } from '@tidegate/core'

import { finding } from '../../finding-codes.ts'
import type { ParquetFooter } from '../../footer.ts'

/** Their values are JSON. */
const JSON_KEYS: ReadonlySet<string> = new Set([
  'pandas',
  'geo',
  'org.apache.spark.sql.parquet.row.metadata',
  'iceberg.schema',
])
const BASE64_KEY = 'ARROW:schema'
/** More is not looked at. */
const MAX_BYTES = 4 * 1024 * 1024

export function checkKeyValues({ metadata = [] }: ParquetFooter): Finding[] {
  return metadata.flatMap(({ key, value }) => {
    const why = value === undefined || value.length > MAX_BYTES ? undefined : whyInvalid(key, value)
    if (why === undefined) return []
    return [
      finding('PQ218', `The metadata ${JSON.stringify(key)} of the file ${why}.`, {
        severity: 'warn',
        evidence: { key, bytes: value?.length ?? 0 },
      }),
    ]
  })
}

function whyInvalid(key: string, value: Uint8Array): string | undefined {
  const text = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  if (key === BASE64_KEY) return isBase64(text) ? undefined : 'is not base64'
  if (!JSON_KEYS.has(key)) return undefined
  try {
    JSON.parse(text.toString())
    return undefined
  } catch {
    return 'is not JSON'
  }
}

function isBase64(text: Buffer): boolean {
  return /^[\w+/-]*={0,2}\s*$/.test(text.toString('latin1'))
}
