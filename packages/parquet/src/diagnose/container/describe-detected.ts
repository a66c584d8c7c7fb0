import type { Detected } from '../../sniff-format.ts'

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
