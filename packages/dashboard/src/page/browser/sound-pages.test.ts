import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { expectSoundPages } from './axe.ts'
import { findChromium, launch, writePage, type WrittenPage } from './open-browser.ts'

const executable = findChromium()

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

  // What else there is of themes and widths, and what opens on a page: all-looks.slow.ts.
  test('shows all nine pages without a request, an error, or a fault that axe knows', () =>
    expectSoundPages(browser, report.url, { theme: 'light', rules: 'all' }))

  test('shows them in the dark, and every text can be read', () =>
    expectSoundPages(browser, report.url, { theme: 'dark', rules: 'contrast' }))
})
