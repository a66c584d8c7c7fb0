/** The last act: all pages of the monitor as one file that needs no network. */
import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import type { Stage } from './acts.ts'

/** In the demo's folder. */
export const REPORT = 'report.html'

/** What one file may weigh, in bytes. */
const BUDGET_BYTES = 5_000_000

export async function writeReport(stage: Stage): Promise<void> {
  const file = path.join(stage.directory, REPORT)
  rmSync(file, { force: true })
  await stage.tidegate(['monitor', '--html', REPORT])
  const html = readFileSync(file, 'utf8')
  stage.check('it is smaller than 5 MB', Buffer.byteLength(html) < BUDGET_BYTES, true)
  stage.check('files that it loads from elsewhere', countLoads(html), 0)
  stage.say(
    `  Open ${REPORT} in a browser, also without a network: nine pages, each number leads to its files or rows.`,
  )
}

/** Attributes that make a browser fetch something that is not in the page. */
function countLoads(html: string): number {
  return [...html.matchAll(/<(?:script|img|iframe|source)\b[^>]*\ssrc=|<link\b[^>]*\shref="(?!data:)/g)].length
}
