import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { TidegateError } from '@tidegate/core'
import { bodyOf, type Body } from './body.ts'

/** The page's files by their address, read once: what is not among them cannot be asked for. */
export interface PageFiles {
  readonly index: Body
  readonly assets: ReadonlyMap<string, Body>
}

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.json': 'application/json; charset=utf-8',
}

/** @throws {TidegateError} `SERVER_PAGE_MISSING` */
export async function readPageFiles(folder: string): Promise<PageFiles> {
  try {
    const index = await bodyOf('text/html; charset=utf-8', await readFile(path.join(folder, 'index.html')))
    const assets = new Map<string, Body>()
    for (const entry of await readdir(path.join(folder, 'assets'), { withFileTypes: true })) {
      const type = TYPES[path.extname(entry.name)]
      if (!entry.isFile() || type === undefined) continue
      assets.set(`/assets/${entry.name}`, await bodyOf(type, await readFile(path.join(folder, 'assets', entry.name))))
    }
    return { index, assets }
  } catch (error) {
    throw new TidegateError('SERVER_PAGE_MISSING', 'the page is not there: its build is missing or broken', {
      hint: 'Install Tidegate again; in its own repository, run `npm run setup`.',
      cause: error,
    })
  }
}
