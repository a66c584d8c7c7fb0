import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findChromium, launch, openPage, settled, visit, writePage, type WrittenPage } from './open-browser.ts'

const executable = findChromium()

describe.runIf(executable !== undefined)('charts', () => {
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

  test('a click on a run opens it, a drag over the timeline narrows the time of the whole page', async () => {
    const { page, troubles, close } = await openPage(browser, report.url)
    await visit(page, '#/runs')
    const chart = page.locator('figure', { has: page.locator('h2:text-is("Timeline")') }).locator('.chart')
    const box = await boxOf(page, 'figure .chart')
    await clickMark(page, 'figure .chart')
    await page.waitForFunction(() => location.hash.includes('run='))
    expect(await page.locator('section[aria-label^="Run run-"]').count()).toBe(1)
    await visit(page, '#/runs')
    await chart.waitFor()
    await page.mouse.move(box.x + box.width * 0.3, box.y + 60)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.5, box.y + 90, { steps: 8 })
    await page.mouse.up()
    await page.waitForFunction(() => location.hash.includes('since='))
    expect(await page.locator('.bar .chip').count()).toBe(1)
    expect(troubles).toEqual([])
    await close()
  })

  test('more runs than can be told apart are drawn by day, and a day leads to its single runs', async () => {
    const many = await writePage({ idleRuns: 2900 })
    const { page, troubles, close } = await openPage(browser, many.url)
    await visit(page, '#/runs?table=timeline')
    const timeline = page.locator('figure', { has: page.locator('h2:text-is("Timeline")') })
    expect(await timeline.locator('.card-head p').textContent()).toContain('all runs of one day that ended alike')
    // 2,900 in 29 days.
    const row = timeline.locator('tbody tr:has-text("nothing-new")').nth(3)
    expect(await row.locator('td').nth(1).textContent()).toBe('100')
    await row.locator('td').nth(1).locator('a').click()
    await page.waitForFunction(() => location.hash.includes('status=nothing-new'))
    await settled(page)
    expect(await timeline.locator('.card-head p').textContent()).toContain('Height is how long a run took')
    expect(await page.textContent('section[aria-label="List of runs"]')).toContain('100 runs of this window')
    await visit(page, '#/runs')
    expect(await page.locator('figure .chart').first().getAttribute('aria-label')).toContain(
      'choose one to see its runs',
    )
    expect(troubles).toEqual([])
    await close()
    many.remove()
  })

  test('the wheel with Ctrl zooms all four panels at once', async () => {
    const { page, troubles, close } = await openPage(browser, report.url)
    await visit(page, '#/performance')
    const box = await boxOf(page, 'figure .chart')
    const before = await axisLabels(page)
    await page.mouse.move(box.x + box.width * 0.25, box.y + 110)
    await page.keyboard.down('Control')
    for (let turn = 0; turn < 4; turn++) await page.mouse.wheel(0, -240)
    await page.keyboard.up('Control')
    await page.waitForTimeout(600)
    const after = await axisLabels(page)
    expect(after).not.toEqual(before)
    // Every panel has the same days below it.
    expect(after.length % 4).toBe(0)
    expect(new Set(after).size).toBeLessThanOrEqual(after.length / 4)
    expect(troubles).toEqual([])
    await close()
  })

  test('a change of theme draws the charts anew, without loading the page', async () => {
    const { page, close } = await openPage(browser, report.url)
    const ink = (): Promise<string | null> => page.locator('figure .chart svg text').first().getAttribute('fill')
    await page.waitForSelector('figure .chart svg text')
    const light = await ink()
    await page.click('[aria-label="Theme"] button:has-text("Dark")')
    await page.waitForFunction(
      (before) => document.querySelector('figure .chart svg text')?.getAttribute('fill') !== before,
      light,
    )
    expect([light, await ink()]).toEqual(['#525e6d', '#a3afbd'])
    await page.reload()
    await page.waitForSelector('h1')
    expect(await page.getAttribute('html', 'data-theme')).toBe('dark')
    await close()
  })
})

async function boxOf(page: Page, selector: string): Promise<{ x: number; y: number; width: number; height: number }> {
  await page.waitForSelector(`${selector} svg path`, { state: 'attached' })
  const box = await page.locator(selector).first().boundingBox()
  if (box === null) throw new Error(`${selector} is not seen`)
  return box
}

/** The first mark of a chart that stands alone: the largest filled path with a pointer. */
async function clickMark(page: Page, selector: string): Promise<void> {
  const at = await page.evaluate((where) => {
    const marks = [...document.querySelectorAll<SVGPathElement>(`${where} svg path`)].filter(
      (path) => path.getAttribute('fill') !== 'none' && path.getAttribute('fill')?.startsWith('#'),
    )
    const boxes = marks
      .map((mark) => mark.getBoundingClientRect())
      .filter(({ width, height }) => width > 5 && width < 30 && height < 30)
    const plot = document.querySelector(where)?.getBoundingClientRect()
    const one = boxes.find(({ y, height }) => plot !== undefined && y > plot.y + 40 && y + height < plot.bottom - 70)
    return one === undefined ? null : { x: one.x + one.width / 2, y: one.y + one.height / 2 }
  }, selector)
  if (at === null) throw new Error('no mark in the chart')
  await page.mouse.click(at.x, at.y)
}

async function axisLabels(page: Page): Promise<readonly string[]> {
  const texts = await page.locator('figure .chart svg text').allTextContents()
  return texts.filter((text) => /^\d{1,2} (?:Oct|Nov)$|^\d\d:\d\d$/.test(text))
}
