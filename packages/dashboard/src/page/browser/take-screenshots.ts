/**
 * `npm run screenshots -- REPORT.html [FOLDER]`: every page of a report, in both themes, 1440 and 390 pixels wide, as WebP.
 * The pictures of docs/images/dashboard are of the demo's history: `npm run demo:history`, then in its folder
 * `tidegate monitor --since 35d --html report.html`.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Page } from 'playwright-core'
import { findChromium, launch, PAGES, settled } from './open-browser.ts'

const QUALITY = 72
/** What is below is more of the same. */
const MOST_HEIGHT: Readonly<Record<number, number>> = { 1440: 2200, 390: 2600 }

const [report, folder = fileURLToPath(new URL('../../../../../docs/images/dashboard', import.meta.url))] =
  process.argv.slice(2)
const executable = findChromium()
if (report === undefined || executable === undefined) throw new Error('wanted: a report, and Chromium')
mkdirSync(folder, { recursive: true })
const browser = await launch(executable)
let bytes = 0
for (const theme of ['light', 'dark'] as const) {
  for (const width of [1440, 390]) {
    const context = await browser.newContext({
      colorScheme: theme,
      viewport: { width, height: 900 },
      reducedMotion: 'reduce',
    })
    const page = await context.newPage()
    for (const [address, title] of PAGES) {
      await page.goto(`${pathToFileURL(report).href}#/${address}`)
      await settled(page)
      const image = await photograph(page, width)
      bytes += image.length
      writeFileSync(path.join(folder, `${title.toLowerCase()}-${theme}-${width}.webp`), image)
    }
    await context.close()
  }
}
await browser.close()
process.stdout.write(`${PAGES.length * 4} pictures, ${(bytes / 1e6).toFixed(1)} MB, in ${folder}\n`)

/** The window becomes as high as the page, so that everything in it is drawn and what sticks to it fills it. */
async function photograph(page: Page, width: number): Promise<Buffer> {
  const whole = await page.evaluate(() => document.documentElement.scrollHeight)
  const height = Math.min(whole, MOST_HEIGHT[width] ?? whole)
  await page.setViewportSize({ width, height })
  await settled(page)
  const session = await page.context().newCDPSession(page)
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: QUALITY })
  await page.setViewportSize({ width, height: 900 })
  return Buffer.from(data, 'base64')
}
