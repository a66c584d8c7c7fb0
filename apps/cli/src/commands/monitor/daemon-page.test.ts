/** What the page offers where a daemon serves it: a real daemon, a real browser. What takes longer: daemon-page.slow.ts. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chromiumHere, openDaemonPage, type DaemonPage } from '../../testing/daemon-page.ts'
import { ORDERS_CONTRACT, ORDERS_YAML, smallProject } from '../../testing/small-project.ts'

describe.runIf(chromiumHere() !== undefined)('the page of the daemon', () => {
  const project = smallProject({
    'tidegate.yaml': `${ORDERS_YAML}    schedule: { cron: "0 6 * * *", timezone: Europe/Oslo }\n`,
    'contracts/orders.yaml': ORDERS_CONTRACT,
  })
  let daemon: DaemonPage

  beforeAll(async () => {
    daemon = await openDaemonPage(project.directory)
  })
  afterAll(async () => {
    await daemon?.close()
    project.remove()
  })

  test('asks for a token once there is one, refuses a wrong one in words, and hides the right one from scripts', async () => {
    const { page } = daemon
    await daemon.tokenOf('read')
    await daemon.visit('/runs')
    await page.fill('input[name=token]', 'tg_wrong')
    await page.click('button:has-text("Sign in")')
    await page.waitForSelector('section[aria-label="Sign in"] [role=alert]:has-text("not valid")')
    await daemon.signIn('run')
    await page.waitForSelector('section[aria-label="Schedules"] tbody tr')
    expect(await page.evaluate('document.cookie')).toBe('')
  })

  test('pauses a schedule and goes on with it', async () => {
    const { page } = daemon
    const row = page.locator('section[aria-label="Schedules"] tbody tr:has-text("ingest:orders")')
    await row.locator('button[aria-label="Pause ingest:orders"]').click()
    await row.locator('button[aria-label="Resume ingest:orders"]').waitFor()
    expect(await row.textContent()).toMatch(/0 6 \* \* \* \(Europe\/Oslo\)paused by token:/)
    await row.locator('button[aria-label="Resume ingest:orders"]').click()
    await row.locator('button[aria-label="Pause ingest:orders"]').waitFor()
    expect(await row.textContent()).toMatch(/active\d+ \w+ 0[45]:00/)
    expect(daemon.faults).toEqual([])
  })
})
