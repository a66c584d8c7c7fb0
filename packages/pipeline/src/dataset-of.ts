import { createHash } from 'node:crypto'

const DATA_EXTENSION = /\.(parquet|pq|csv|tsv|txt|json|ndjson|jsonl|geojson|gz|zst|zstd)$/i

/**
 * The dataset that a file belongs to, by the source's template: `{source}` its name, `{stem}` the file's name without
 * data extensions (`orders.csv.gz` → `orders`), `{parent}` the folder it lies in (the source's name at the root).
 *
 * The result is safe as a folder name: what is not a letter, a digit, `_`, `-`, `.` or a space becomes `_`, and `~` with a
 * short hash keeps two such names apart. No name that needs no change contains a `~`, so the two kinds never meet.
 */
export function datasetOf(template: string, source: string, path: string): string {
  const name = fileName(path)
  const parent = path.split('/').at(-2) ?? source
  const raw = template
    .replaceAll('{source}', () => source)
    .replaceAll('{stem}', () => stemOf(name))
    .replaceAll('{parent}', () => parent)
  return safeFolderName(raw)
}

/** Fills `{dataset}` and `{source}` into a path template. */
export function fillPath(template: string, source: string, dataset: string): string {
  return template.replaceAll('{dataset}', () => dataset).replaceAll('{source}', () => source)
}

/** The last piece of a `/`-separated path. */
export function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** What stands before it; `''` at the root. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

/** The name of a file without data extensions: `orders.csv.gz` → `orders`. */
export function stemOf(name: string): string {
  let stem = name
  while (DATA_EXTENSION.test(stem) && stem.replace(DATA_EXTENSION, '') !== '') stem = stem.replace(DATA_EXTENSION, '')
  return stem
}

function safeFolderName(raw: string): string {
  const cleaned = raw
    .normalize('NFC')
    .replaceAll(/[^\p{L}\p{N}_. -]/gu, '_')
    .replace(/^[. ]+|[. ]+$/g, (edge) => '_'.repeat(edge.length))
  const short = Buffer.byteLength(cleaned) > 120 ? Array.from(cleaned).slice(0, 30).join('') : cleaned
  if (short === raw && raw !== '') return raw
  return `${short === '' ? '_' : short}~${createHash('sha256').update(raw).digest('hex').slice(0, 12)}`
}
