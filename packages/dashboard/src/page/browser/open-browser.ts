import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { writeReport } from '@tidegate/monitor'
import { chromium, type Browser, type Page } from 'playwright-core'
import { demoContext, demoFacts, type DemoOptions } from '../../testing/demo-facts.ts'
import { emptyFacts } from '../../testing/empty-facts.ts'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Where Chromium is, or undefined. With CI set it must be there: a test that is left out there proves nothing. */
export function findChromium(): string | undefined {
  const named = process.env['TIDEGATE_CHROMIUM']
  const found = [...(named === undefined ? [] : [named]), ...PLACES].find((file) => existsSync(file))
  if (found === undefined && process.env['CI'] !== undefined) {
    throw new Error('browser tests need Chromium: install it, or name it in TIDEGATE_CHROMIUM')
  }
  return found
}

/** Addresses and headings, in their order. */
export const PAGES = [
  ['', 'Overview'],
  ['datasets', 'Datasets'],
  ['quality', 'Quality'],
  ['failures', 'Failures'],
  ['files', 'Files'],
  ['runs', 'Runs'],
  ['performance', 'Performance'],
  ['alerts', 'Alerts'],
  ['reports', 'Reports'],
] as const

export async function launch(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
}

const TEMPLATE = fileURLToPath(new URL('../../../dist/report-template.html', import.meta.url))

export interface WrittenPage {
  /** `file://…` without a `#`. */
  readonly url: string
  readonly html: string
  remove(): void
}

/** A report of the demo's facts in a folder of its own. */
export async function writePage(options: DemoOptions = {}, includeSamples = true): Promise<WrittenPage> {
  if (!existsSync(TEMPLATE)) throw new Error('the page is not built: run the build script of this package first')
  const { html } = await writeReport(readFileSync(TEMPLATE, 'utf8'), {
    version: '0.1.0',
    project: options.names?.[0] ?? 'airline',
    command: 'tidegate monitor --since 30d --html report.html',
    facts: options.empty === true ? emptyFacts() : demoFacts(options),
    context: demoContext(options),
    includeSamples,
  })
  const folder = mkdtempSync(path.join(os.tmpdir(), 'tidegate-page-'))
  const file = path.join(folder, 'report.html')
  writeFileSync(file, html)
  return { url: pathToFileURL(file).href, html, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

export interface Watched {
  readonly page: Page
  /** Requests beyond the file itself, errors of the console and of scripts. */
  readonly troubles: readonly string[]
  close(): Promise<void>
}

/** A page with the network off that notes everything it should not do. */
export async function openPage(
  browser: Browser,
  url: string,
  options: { readonly theme?: 'light' | 'dark'; readonly width?: number } = {},
): Promise<Watched> {
  const context = await browser.newContext({
    colorScheme: options.theme ?? 'light',
    viewport: { width: options.width ?? 1440, height: 900 },
    reducedMotion: 'reduce',
  })
  await context.setOffline(true)
  const page = await context.newPage()
  const troubles: string[] = []
  page.on('request', (request) => {
    if (!/^(?:data|blob):/.test(request.url()) && request.url().split('#')[0] !== url)
      troubles.push(`asked for ${request.url()}`)
  })
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') troubles.push(message.text())
  })
  page.on('pageerror', (error) => troubles.push(String(error)))
  await page.goto(`${url}#/`)
  await page.waitForSelector('h1')
  return { page, troubles, close: () => context.close() }
}

/** Goes to a page by its address and waits until it stands there. */
export async function visit(page: Page, address: string): Promise<void> {
  await page.evaluate((hash) => {
    location.hash = hash
  }, address)
  await settled(page)
}

/** All of the page is drawn that is in or near the window. */
export async function settled(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const frame = (): Promise<unknown> => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
    // Charts notice a frame later that they are seen: twice at rest is at rest.
    for (let calm = 0; calm < 3;) {
      await frame()
      const main = document.querySelector('main')
      calm = main?.getAttribute('aria-busy') === 'false' && main.querySelector('h1') !== null ? calm + 1 : 0
    }
  })
}
