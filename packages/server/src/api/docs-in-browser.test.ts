import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openLog } from '../daemon/daemon-log.ts'
import { apiRoutes } from '../routes/index.ts'
import { TEST_SERVER, testServices } from '../testing/test-api.ts'
import { openHttp, type HttpServer } from './open-http.ts'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Where Chromium is, or undefined. With CI set it must be there: a test that is left out there proves nothing. */
function findChromium(): string | undefined {
  const named = process.env['TIDEGATE_CHROMIUM']
  const found = [...(named === undefined ? [] : [named]), ...PLACES].find((file) => existsSync(file))
  if (found === undefined && process.env['CI'] !== undefined)
    throw new Error('browser tests need Chromium: install it, or name it in TIDEGATE_CHROMIUM')
  return found
}

const executablePath = findChromium()

describe.runIf(executablePath !== undefined)('/docs in a browser', () => {
  let browser: Browser
  let server: HttpServer
  beforeAll(async () => {
    server = await openHttp({
      routes: apiRoutes(),
      services: testServices(TEST_SERVER),
      config: TEST_SERVER,
      log: openLog('error', () => {}),
    })
    browser = await chromium.launch({
      executablePath: executablePath ?? '',
      args: ['--no-sandbox', '--disable-dev-shm-usage'],
    })
  })
  afterAll(async () => {
    await browser?.close()
    await server?.close(0)
  })

  test('lists the operations, tries one, loads nothing from elsewhere, and breaks no rule of its policy', async () => {
    const page = await browser.newPage()
    const troubles: string[] = []
    page.on('console', (message) => {
      if (message.type() === 'error') troubles.push(message.text())
    })
    page.on('pageerror', (error) => troubles.push(String(error)))
    page.on('request', (request) => {
      if (!request.url().startsWith(server.url) && !request.url().startsWith('data:')) troubles.push(request.url())
    })
    const answer = await page.goto(`${server.url}docs`)
    expect(answer?.headers()['content-security-policy']).toContain("default-src 'none'")
    expect(answer?.headers()['content-security-policy']).not.toContain('unsafe-eval')
    await page.waitForSelector('.opblock-tag:has-text("Runs")')
    await page.click('.opblock-tag:has-text("Access")')
    const operation = page.locator('.opblock-get:has(.opblock-summary-path:has-text("session"))').first()
    await operation.locator('.opblock-summary-control').click()
    await operation.locator('.try-out__btn').click()
    await operation.locator('.execute').click()
    await operation.locator('.responses-table.live-responses-table').waitFor()
    expect(await operation.locator('.live-responses-table').textContent()).toContain('"actor": "local"')
    expect(troubles).toEqual([])
    await page.close()
  })
})
