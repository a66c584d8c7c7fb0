import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { expectSoundPages } from './axe.ts'
import { findChromium, launch, PAGES, writePage, type WrittenPage } from './open-browser.ts'

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
  test.for([
    ['first', PAGES.slice(0, 3)],
    ['next', PAGES.slice(3, 6)],
    ['last', PAGES.slice(6)],
  ] as const)('shows the %s three pages without a request, an error, or a fault that axe knows', ([, pages]) =>
    expectSoundPages(browser, report.url, { theme: 'light', rules: 'all', pages }),
  )

  test('shows them in the dark, and every text can be read', () =>
    expectSoundPages(browser, report.url, { theme: 'dark', rules: 'contrast' }))
})
