import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HOSTILE_NAMES } from '../../testing/hostile-names.ts'
import { findChromium, launch, openPage, PAGES, settled, visit, writePage, type WrittenPage } from './open-browser.ts'

const executable = findChromium()
if (executable === undefined)
  process.stderr.write('browser tests are left out: there is no Chromium (apt install chromium)\n')

describe.runIf(executable !== undefined)('a report opened from disk, with the network off', () => {
  let browser: Browser
  let report: WrittenPage

  beforeAll(async () => {
    browser = await launch(executable ?? '')
    report = await writePage()
  })

  afterAll(async () => {
    await browser?.close()
    report?.remove()
  })

  test('fits a phone: no page is wider than the window', async () => {
    const { page, close } = await openPage(browser, report.url, { width: 390 })
    for (const [address, title] of PAGES) {
      await visit(page, `#/${address}`)
      expect(await page.evaluate(() => document.documentElement.scrollWidth), title).toBeLessThanOrEqual(390)
    }
    await close()
  })

  test('leads from a gauge to the failing rows in three clicks', async () => {
    const { page, troubles, close } = await openPage(browser, report.url)
    await page.click('section[aria-label="Quality score"] a')
    await page.waitForFunction(() => document.querySelector('main h1')?.textContent === 'Quality')
    await page.click('section[aria-label="Checks that failed most"] tbody th a')
    await page.waitForSelector('section[aria-label^="Check dep_delay:between"] table')
    expect(await page.textContent('section[aria-label^="Check dep_delay"]')).toContain('9999')
    await page.click('section[aria-label^="Check dep_delay"] tbody th a')
    await page.waitForFunction(() => document.querySelector('main h1')?.textContent === 'Files')
    expect(page.url()).toContain('file=2026')
    await page.waitForSelector('section[aria-label="Files"] tbody tr')
    expect(troubles).toEqual([])
    await close()
  })

  test('keeps the filter in its address: a reload and another page show the same', async () => {
    const { page, close } = await openPage(browser, report.url)
    await page.click('[aria-label="Time window"] a:has-text("7 days")')
    await page.click('.pick summary:has-text("Source")')
    await page.check('.pick-panel label:has-text("bookings") input')
    await page.keyboard.press('Escape')
    await page.click('nav a:has-text("Runs")')
    await page.waitForFunction(() => document.querySelector('main h1')?.textContent === 'Runs')
    expect(page.url()).toMatch(/#\/runs\?window=7d&source=bookings$/)
    await page.reload()
    await page.waitForSelector('section[aria-label="List of runs"]')
    await settled(page)
    const sources = await page.locator('section[aria-label="List of runs"] tbody tr td:nth-child(2)').allTextContents()
    expect(sources.length).toBeGreaterThan(0)
    expect(sources.length).toBeLessThanOrEqual(8)
    expect(new Set(sources)).toEqual(new Set(['bookings']))
    await close()
  })

  test('works by keyboard: help, pages, search, theme, and every chart as a table', async () => {
    const { page, close } = await openPage(browser, report.url)
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to content')
    await page.keyboard.press('?')
    await page.waitForSelector('dialog[open]')
    await page.keyboard.press('Escape')
    await page.waitForSelector('dialog[open]', { state: 'detached' })
    await page.keyboard.press('t')
    await page.keyboard.press('t')
    await page.waitForSelector('html[data-theme=dark]', { state: 'attached' })
    await page.keyboard.press('/')
    await page.keyboard.type('dep_del')
    await page.waitForSelector('.search-box li a')
    await page.keyboard.press('Escape')
    await page.waitForSelector('.search-box li a', { state: 'detached' })
    await page.evaluate(() => (document.activeElement as HTMLElement).blur())
    for (const [index, [, title]] of PAGES.entries()) {
      await page.keyboard.press(String(index + 1))
      await page.waitForFunction((wanted) => document.querySelector('main h1')?.textContent === wanted, title)
      await settled(page)
      const charts = await page.locator('figure').count()
      for (let at = 0; at < charts; at++)
        await page.locator('figure').nth(at).locator('.card-head button').press('Enter')
      await expect
        .poll(() => page.locator('figure table caption').count(), { message: title, timeout: 10_000 })
        .toBe(charts)
      await page.evaluate(() => (document.activeElement as HTMLElement).blur())
    }
    await close()
  })

  test('a name may hold markup, quotes or 10,000 characters, and nothing of it runs or breaks the page', async () => {
    const hostile = await writePage({
      names: [HOSTILE_NAMES.markup, HOSTILE_NAMES.quotes, HOSTILE_NAMES.long],
      check: `${HOSTILE_NAMES.markup}${HOSTILE_NAMES.long}`,
    })
    expect(hostile.html).not.toContain(HOSTILE_NAMES.markup)
    const { page, troubles, close } = await openPage(browser, hostile.url)
    for (const [address, title] of PAGES) {
      await visit(page, `#/${address}`)
      expect(await page.textContent('main h1')).toBe(title)
      expect(await page.evaluate(() => [document.querySelectorAll('main img').length, 'harmed' in globalThis])).toEqual(
        [0, false],
      )
      expect(await page.evaluate(() => document.documentElement.scrollWidth), title).toBeLessThanOrEqual(1440)
    }
    await visit(page, `#/datasets?source=${encodeURIComponent(HOSTILE_NAMES.markup)}`)
    expect(await page.textContent('main')).toContain('</script><img')
    expect(troubles).toEqual([])
    await close()
    hostile.remove()
  })
})
