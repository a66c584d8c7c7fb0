/** How fast a written report is in a browser: headless Chromium, one tab, 1440 × 900, network off. */
import { existsSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { chromium, type Page } from 'playwright-core'

export interface PageTimes {
  /** Median of the loads: `first-contentful-paint` of the browser. */
  readonly firstPaintMs: number
  /** Median of the loads: the first page stands there with its figures and nothing changes any more. */
  readonly settledMs: number
  /** From the change of a filter or page to the next painted frame that answers it: 95th percentile and median. */
  readonly p95Ms: number
  readonly medianMs: number
  /** To the frame after the last change it made, when every chart near the window is drawn: 95th percentile and median. */
  readonly drawnP95Ms: number
  readonly drawnMedianMs: number
  readonly interactions: number
  readonly version: string
}

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

export function findChromium(): string | undefined {
  const named = process.env['TIDEGATE_CHROMIUM']
  return [...(named === undefined ? [] : [named]), ...PLACES].find((file) => existsSync(file))
}

const LOADS = 5
const PAGES = [
  '/datasets',
  '/quality',
  '/failures',
  '/files',
  '/runs',
  '/performance',
  '/alerts',
  '/reports',
  '/',
] as const

export async function timePage(executablePath: string, file: string): Promise<PageTimes> {
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
  try {
    const loads: { paintMs: number; settledMs: number }[] = []
    const interactions: Interaction[] = []
    for (let load = 0; load < LOADS; load += 1) {
      // A context of its own: nothing is kept from the load before.
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' })
      await context.setOffline(true)
      const page = await context.newPage()
      loads.push(await loadPage(page, `${pathToFileURL(file).href}#/`))
      if (load === LOADS - 1) interactions.push(...(await interact(page)))
      await context.close()
    }
    const answers = interactions.map(({ answerMs }) => answerMs)
    const drawn = interactions.map(({ settledMs }) => settledMs)
    return {
      firstPaintMs: quantile(
        loads.map(({ paintMs }) => paintMs),
        0.5,
      ),
      settledMs: quantile(
        loads.map(({ settledMs }) => settledMs),
        0.5,
      ),
      p95Ms: quantile(answers, 0.95),
      medianMs: quantile(answers, 0.5),
      drawnP95Ms: quantile(drawn, 0.95),
      drawnMedianMs: quantile(drawn, 0.5),
      interactions: interactions.length,
      version: browser.version(),
    }
  } finally {
    await browser.close()
  }
}

async function loadPage(page: Page, url: string): Promise<{ paintMs: number; settledMs: number }> {
  await page.addInitScript({ path: PROBE })
  await page.goto(url)
  await page.waitForSelector('main .card, main section')
  return page.evaluate('pageProbe.load()')
}

interface Interaction {
  readonly answerMs: number
  readonly settledMs: number
}

const PROBE = fileURLToPath(new URL('./page-probe.js', import.meta.url))

/** Ten changes of the source filter on the overview, then ten of the page. */
async function interact(page: Page): Promise<readonly Interaction[]> {
  const sources: readonly string[] = await page.evaluate('pageProbe.sources()')
  if (sources.length === 0) throw new Error('the page has no filter of sources')
  const taken: Interaction[] = []
  for (const [kind, values] of [
    ['source', sources],
    ['page', PAGES],
  ] as const) {
    for (let change = 0; change < 10; change += 1) {
      const asked = JSON.stringify({ kind, value: values[change % values.length] })
      taken.push(await page.evaluate<Interaction>(`pageProbe.change(${asked})`))
    }
  }
  return taken
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}
