/** A person's way over the live page that `monitor --serve` gives out: real history, real server, real browser. */
import { existsSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { plainContext } from '../../testing/plain-context.ts'
import { runHere } from '../../testing/run-here.ts'
import { ORDERS_CONTRACT, ORDERS_YAML, ordersCsv, smallProject } from '../../testing/small-project.ts'
import { monitor } from '../monitor.ts'

const RETURNS = ORDERS_YAML.slice(ORDERS_YAML.indexOf('  orders:'))
  .replaceAll('orders', 'returns')
  .replace('landing/', 'returned/')
const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', process.env['TIDEGATE_CHROMIUM'] ?? ''].find(
  (file) => file !== '' && existsSync(file),
)
if (executablePath === undefined && process.env['CI'] !== undefined)
  throw new Error('browser tests need Chromium: install it, or name it in TIDEGATE_CHROMIUM')

describe.runIf(executablePath !== undefined)('the live page', () => {
  const project = smallProject({
    'tidegate.yaml': ORDERS_YAML + RETURNS,
    'contracts/orders.yaml': ORDERS_CONTRACT,
    'contracts/returns.yaml': ORDERS_CONTRACT.replaceAll('orders', 'returns'),
    'landing/good.csv': ordersCsv(1, 20),
    'landing/bad.csv': 'id,amount,city\n901,5000,Oslo\n',
    'returned/one.csv': ordersCsv(1, 5),
  })
  const cwd = project.directory
  const stop = new AbortController()
  let served: Promise<number>
  let browser: Browser
  let page: Page
  const troubles: string[] = []

  beforeAll(async () => {
    await runHere(['ingest'], { cwd })
    const plain = plainContext(cwd, 'json')
    served = monitor({ serve: true, includeSamples: true }, { ...plain, signal: stop.signal, nowMs: Date.now })
    while (!plain.written().includes('"url"')) await Promise.race([served, setTimeout(20)])
    browser = await chromium.launch({
      ...(executablePath === undefined ? {} : { executablePath }),
      args: ['--no-sandbox', '--disable-dev-shm-usage'],
    })
    page = await browser.newPage({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' })
    page.on('console', (message) => {
      if (message.type() === 'error') troubles.push(message.text())
    })
    page.on('pageerror', (error) => troubles.push(String(error)))
    await page.goto((JSON.parse(plain.written()) as { readonly url: string }).url)
    await page.waitForSelector('main h1:text-is("Overview")')
  })
  afterAll(async () => {
    await browser?.close()
    stop.abort()
    await served
    project.remove()
  })

  test('leads from a gauge over the failing check and its rows to the file that is held', async () => {
    await page.click('section[aria-label="Quality score"] a')
    await page.waitForSelector('main h1:text-is("Quality")')
    await page.click('section[aria-label="Checks that failed most"] tbody th a')
    await page.waitForSelector('section[aria-label^="Check "] caption:has-text("Failing rows")')
    expect(await page.textContent('section[aria-label^="Check "]')).toContain('5000')
    await page.click('section[aria-label^="Check "] tbody th a')
    await page.waitForSelector('main h1:text-is("Files")')
    await page.waitForSelector('section[aria-label="Files"] tbody th:has-text("bad.csv")')
    expect(await page.locator('section[aria-label="Files"] tbody tr').count()).toBe(1)
    expect(await page.textContent('section[aria-label="Files"] tbody tr')).toContain('held')
  })

  test('is narrowed to one source on every page, by its address', async () => {
    await page.click('nav a:has-text("Overview")')
    await page.waitForSelector('section[aria-label="Sources"] tbody tr')
    await page.click('.pick summary:has-text("Source")')
    await page.click('.pick-panel button[aria-label="Only returns"]')
    await expect
      .poll(() => page.locator('section[aria-label="Sources"] tbody th').allTextContents())
      .toEqual(['returns'])
    expect(new URL(page.url()).search).toBe('?source=returns')
    await page.click('nav a:has-text("Runs")')
    await page.waitForSelector('section[aria-label="List of runs"] tbody tr')
    expect(await page.locator('section[aria-label="List of runs"] tbody tr td:nth-child(2)').allTextContents()).toEqual(
      ['returns'],
    )
  })

  test('shows a new run without being loaded anew', async () => {
    await page.evaluate(() => Object.assign(globalThis, { stayed: true }))
    project.write('returned/two.csv', ordersCsv(100, 7))
    await runHere(['ingest', 'returns'], { cwd })
    await expect
      .poll(() => page.locator('section[aria-label="List of runs"] tbody tr').count(), { timeout: 30_000 })
      .toBe(2)
    // The row is there from the moment the run begins; what it brought stands in it when the run has ended.
    const newest = page.locator('section[aria-label="List of runs"] tbody tr').first().locator('td')
    await expect.poll(() => newest.allTextContents(), { timeout: 30_000 }).toEqual(expect.arrayContaining(['ok', '7']))
    expect(await page.evaluate(() => 'stayed' in globalThis)).toBe(true)
    expect(troubles).toEqual([])
  })
})
