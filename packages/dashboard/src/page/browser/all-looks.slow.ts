import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { expectSoundPages } from './axe.ts'
import { findChromium, launch, writePage, type WrittenPage } from './open-browser.ts'

const executable = findChromium()

describe.runIf(executable !== undefined)('every rule of axe', () => {
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

  test.for([
    { theme: 'light', width: 390 },
    { theme: 'dark', width: 390 },
    { theme: 'dark', width: 1440 },
  ] as const)('holds on all nine pages and what opens on them, $theme and $width pixels wide', (look) =>
    expectSoundPages(browser, report.url, { ...look, rules: 'all', allRows: true, details: true }),
  )
})
