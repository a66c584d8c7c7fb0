import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { monitorReport } from '@tidegate/monitor'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { demoContext, demoFacts } from '../../testing/demo-facts.ts'
import { axeFaults } from './axe.ts'
import { findChromium, launch, openPage, visit, writePage } from './open-browser.ts'

const executable = findChromium()

describe.runIf(executable !== undefined)('a report', () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await launch(executable ?? '')
  })

  afterAll(async () => {
    await browser?.close()
  })

  test('of nothing is not green: every page says that nothing is known, and what to do', async () => {
    const report = await writePage({ empty: true })
    const { page, troubles, close } = await openPage(browser, report.url)
    expect(await page.locator('.page-head .status.unknown').count()).toBe(1)
    for (const address of [
      '',
      'datasets',
      'quality',
      'failures',
      'files',
      'runs',
      'performance',
      'alerts',
      'reports',
    ]) {
      await visit(page, `#/${address}`)
      expect(await page.locator('main .status.ok, main .status.bad').count(), address).toBe(0)
      expect(await page.locator('main code').count(), address).toBeGreaterThan(0)
      expect(await page.textContent('main')).not.toMatch(/NaN|Infinity|undefined|\[object/)
    }
    expect(troubles).toEqual([])
    await close()
    report.remove()
  })

  test('is compared with another that is given to it, and refuses what is none', async () => {
    const report = await writePage()
    const folder = path.dirname(fileURLToPath(report.url))
    const earlier = { ...demoContext(), nowMs: demoContext().nowMs - 86_400_000 }
    const before = monitorReport({ ...demoFacts(), failedChecks: { items: [], total: 0 }, checkFailures: [] }, earlier)
    writeFileSync(path.join(folder, 'before.json'), JSON.stringify(before))
    writeFileSync(path.join(folder, 'other.json'), '{"hello": "<b>"}')
    const { page, troubles, close } = await openPage(browser, report.url)
    await visit(page, '#/reports')
    await page.setInputFiles('input[type=file]', path.join(folder, 'other.json'))
    await page.waitForSelector('section[aria-label="Compare reports"] [role=alert]')
    expect(await page.textContent('section[aria-label="Compare reports"]')).toContain('other.json is no report')
    await page.setInputFiles('input[type=file]', path.join(folder, 'before.json'))
    await page.waitForSelector('section[aria-label="Compare reports"] table')
    expect(await page.textContent('section[aria-label="Compare reports"]')).toContain(
      '2026-11-20 12:00:00 UTC → 2026-11-21',
    )
    expect(await axeFaults(page)).toEqual([])
    await page.setInputFiles('input[type=file]', [path.join(folder, 'report.html')])
    await page.waitForSelector('section[aria-label="Compare reports"] .status:has-text("The same")')
    expect(troubles).toEqual([])
    await close()
    report.remove()
  })

  test('is saved as the JSON that the terminal exports', async () => {
    const report = await writePage({}, false)
    const { page, close } = await openPage(browser, report.url)
    await visit(page, '#/reports')
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('button:has-text("Save as JSON")')])
    expect(download.suggestedFilename()).toBe('dq_report_20261121T120000.json')
    const stream = await download.createReadStream()
    const saved = JSON.parse(Buffer.concat(await stream.toArray()).toString('utf8')) as {
      kind: string
      overview: object
    }
    expect(saved.kind).toBe('monitor-report')
    expect(saved.overview).toEqual(JSON.parse(JSON.stringify(monitorReport(demoFacts(), demoContext()).overview)))
    await close()
    report.remove()
  })
})
