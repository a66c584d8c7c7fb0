import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const PER_FOLDER = 10_000
const PER_ENTRY = 10_000

/**
 * A project whose one source has so many files, all of which its target's log knows: as a first run with
 * `include_existing: false` notes them, written here without reading them. Its first ingest puts them into the state.
 */
export function makeKnownFiles(directory: string, landing: string, count: number): void {
  mkdirSync(path.join(directory, 'contracts'), { recursive: true })
  const source = {
    path: `${landing}/**/*.csv`,
    format: 'csv',
    contract: 'contracts/feed.yaml',
    include_existing: false,
    ready: { settle: '0s' },
    quarantine: { path: 'quarantine/feed' },
    target: { kind: 'parquet', path: 'lake/feed' },
  }
  const contract = { contract: 'feed', version: 1, schema: { columns: { id: { type: 'BIGINT' } } }, expectations: [] }
  writeFileSync(path.join(directory, 'tidegate.yaml'), JSON.stringify({ version: 1, sources: { feed: source } }))
  writeFileSync(path.join(directory, 'contracts', 'feed.yaml'), JSON.stringify(contract))
  const log = path.join(directory, 'lake', 'feed', '_tidegate', 'log')
  mkdirSync(log, { recursive: true })
  for (let from = 0, seq = 1; from < count; from += PER_ENTRY, seq += 1) {
    const length = Math.min(PER_ENTRY, count - from)
    const files = Array.from({ length }, (_, index) => writeFile(landing, from + index))
    writeFileSync(path.join(log, `${String(seq).padStart(20, '0')}.json`), JSON.stringify(entryOf(seq, files)))
  }
}

function writeFile(landing: string, index: number): object {
  const name = `${String(Math.floor(index / PER_FOLDER)).padStart(4, '0')}/known-${String(index).padStart(7, '0')}.csv`
  const uri = path.join(landing, name)
  if (index % PER_FOLDER === 0) mkdirSync(path.dirname(uri), { recursive: true })
  writeFileSync(uri, `id\n${index}\n`)
  const stats = statSync(uri, { bigint: true })
  const message = 'it was there before the first run (include_existing: false)'
  return {
    id: `feed/${name}#1`,
    path: name,
    ordinal: 1,
    uri,
    stamp: `${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}:${stats.ino}`,
    bytes: Number(stats.size),
    modifiedAtMs: Number(stats.mtimeMs),
    hash: index.toString(16).padStart(64, '0'),
    rowsRead: 0,
    rowsLoaded: 0,
    rowsRejected: 0,
    rowsDropped: 0,
    score: null,
    outcome: 'skipped',
    verdict: 'skip',
    reasons: [{ check: 'FILE_EXISTING', severity: 'info', message }],
  }
}

function entryOf(seq: number, files: readonly object[]): object {
  return {
    format: 1,
    seq,
    batch: `known-${seq}`,
    run: 'known',
    attempt: 1,
    fence: 1,
    source: 'feed',
    dataset: 'feed',
    committedAt: new Date(0).toISOString(),
    files,
    add: [],
    remove: [],
    rejected: [],
    consumes: [],
    schema: { id: '4f53cda18c2baa0c', columns: [] },
  }
}
