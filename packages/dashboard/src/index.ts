import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

const DIST: URL = new URL('../dist/', import.meta.url)

/** The page without data, as one HTML file: monitor's `writeReport` fills it. Built by `npm run build`. */
export async function reportTemplate(): Promise<string> {
  return readFile(new URL('report-template.html', DIST), 'utf8')
}

/** What a server gives out: `index.html` for every page's address, and `assets/` with names that change with their content. */
export interface LiveAssets {
  /** Absolute path. */
  readonly folder: string
}

export function liveAssets(): LiveAssets {
  return { folder: fileURLToPath(new URL('live', DIST)) }
}
