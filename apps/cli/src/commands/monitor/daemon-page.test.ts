/** What the page offers where a daemon serves it: a real daemon over a small project, a real browser. */
import { existsSync } from 'node:fs'
import { openDaemon, type Daemon } from '@tidegate/server'
import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runHere } from '../../testing/run-here.ts'
import { ORDERS_CONTRACT, ORDERS_YAML, ordersCsv, smallProject } from '../../testing/small-project.ts'

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', process.env['TIDEGATE_CHROMIUM'] ?? ''].find(
  (file) => file !== '' && existsSync(file),
)

describe.runIf(executablePath !== undefined)('the page of the daemon', () => {
  const project = smallProject({
    'tidegate.yaml': `${ORDERS_YAML}    schedule: { cron: "0 6 * * *", timezone: Europe/Oslo }\n`,
    'contracts/orders.yaml': ORDERS_CONTRACT,
    'landing/good.csv': ordersCsv(1, 20),
    'landing/bad.csv': 'id,amount,city\n901,5000,Oslo\n',
  })
  const cwd = project.directory
  let daemon: Daemon
  let browser: Browser
  let page: Page
  const faults: string[] = []

  beforeAll(async () => {
    await runHere(['ingest'], { cwd })
    const opened = await openDaemon({
      directory: cwd,
      port: 0,
      version: '0.0.0',
      logLevel: 'error',
      writeLog: () => {},
    })
    if (opened.kind !== 'ok') throw new Error(`the daemon did not start: ${opened.kind}`)
    daemon = opened.daemon
    browser = await chromium.launch({
      ...(executablePath === undefined ? {} : { executablePath }),
      args: ['--no-sandbox', '--disable-dev-shm-usage'],
    })
    page = await browser.newPage({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' })
    page.on('pageerror', (error) => faults.push(String(error)))
  })
  afterAll(async () => {
    await browser?.close()
    await daemon?.close()
    project.remove()
  })

  test('asks for a token, refuses a wrong one in words, and offers what its scope allows', async () => {
    const token = await tokenOf('run')
    await page.goto(new URL('/runs', daemon.url).href)
    await page.fill('input[name=token]', 'tg_wrong')
    await page.click('button:has-text("Sign in")')
    expect(await page.textContent('section[aria-label="Sign in"] [role=alert]')).toContain('not valid')
    await page.fill('input[name=token]', token)
    await page.click('button:has-text("Sign in")')
    await page.waitForSelector('section[aria-label="Schedules"] tbody tr')
    // No script can read what signs in.
    expect(await page.evaluate('document.cookie')).toBe('')
    await page.goto(new URL('/files', daemon.url).href)
    await page.waitForSelector('section[aria-label="Open records"] tbody tr')
    expect(await page.locator('section[aria-label="Open records"] tbody button').count()).toBe(0)
  })

  test('pauses a schedule and goes on with it', async () => {
    await page.goto(new URL('/runs', daemon.url).href)
    const row = page.locator('section[aria-label="Schedules"] tbody tr:has-text("ingest:orders")')
    await row.locator('button[aria-label="Pause ingest:orders"]').click()
    await row.locator('button[aria-label="Resume ingest:orders"]').waitFor()
    expect(await row.textContent()).toMatch(/0 6 \* \* \* \(Europe\/Oslo\)paused by token:/)
    await row.locator('button[aria-label="Resume ingest:orders"]').click()
    await row.locator('button[aria-label="Pause ingest:orders"]').waitFor()
    expect(await row.textContent()).toMatch(/active\d+ \w+ 0[45]:00/)
  })

  test('replays what is in quarantine, asked twice, and shows the run', async () => {
    await page.click('button:has-text("Sign out")')
    await page.waitForSelector('section[aria-label="Sign in"]')
    await page.fill('input[name=token]', await tokenOf('admin'))
    await page.click('button:has-text("Sign in")')
    await page.waitForSelector('button:has-text("Sign out")')
    await page.goto(new URL('/files', daemon.url).href)
    const replay = page.locator('section[aria-label="Open records"] tbody button')
    await replay.click()
    expect(await replay.textContent()).toBe('Really replay?')
    await replay.click()
    await page.goto(new URL('/runs', daemon.url).href)
    await expect
      .poll(() => page.locator('section[aria-label="List of runs"] tbody').textContent(), { timeout: 30_000 })
      .toContain('replay')
    expect(faults).toEqual([])
  })

  async function tokenOf(scope: string): Promise<string> {
    const { stdout } = await runHere(['token', 'create', '--scope', scope, '--name', scope, '--output', 'json'], {
      cwd,
    })
    return (JSON.parse(stdout) as { readonly token: { readonly secret: string } }).token.secret
  }
})
