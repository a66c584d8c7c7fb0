/** Every button of the daemon's page is pressed, and what it did is seen without loading the page anew. */
import { rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Locator } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { axeFaults, chromiumHere, openDaemonPage, type DaemonPage } from '../../testing/daemon-page.ts'
import { runHere } from '../../testing/run-here.ts'
import { countOrders, ORDERS_CONTRACT, ORDERS_YAML, ordersCsv, smallProject } from '../../testing/small-project.ts'

/** Nobody listens there: what is told is of no interest here. */
const TOLD = `version: 1
channels: { ops: { kind: webhook, url: "http://127.0.0.1:9/", allow_private: true } }
`
const BAD = 'id,amount,city\n901,5000,Oslo\n'

describe.runIf(chromiumHere() !== undefined)('all buttons of the page of the daemon', () => {
  const project = smallProject({
    'tidegate.yaml': `${TOLD}${ORDERS_YAML.slice(ORDERS_YAML.indexOf('sources:'))}    notify: [ops]\n${sourceLike('many')}${sourceLike('blocked')}`,
    'contracts/orders.yaml': ORDERS_CONTRACT,
    'contracts/many.yaml': ORDERS_CONTRACT.replaceAll('orders', 'many'),
    'contracts/blocked.yaml': ORDERS_CONTRACT.replaceAll('orders', 'blocked'),
    'landing/good.csv': ordersCsv(1, 20),
    'landing/bad-1.csv': BAD,
    'landing/bad-2.csv': BAD.replace('901', '902'),
    'landing/bad-3.csv': BAD.replace('901', '903'),
  })
  const cwd = project.directory
  let daemon: DaemonPage

  beforeAll(async () => {
    await runHere(['ingest'], { cwd })
    daemon = await openDaemonPage(cwd)
  })
  afterAll(async () => {
    await daemon?.close()
    project.remove()
  })

  test('offers to who may only read nothing that changes', async () => {
    await daemon.tokenOf('read')
    await daemon.visit('/files')
    await daemon.signIn('read')
    await rowsOf('Open records').first().waitFor()
    expect(await rowsOf('Open records').count()).toBe(3)
    expect(await rowsOf('Open records').locator('button, details').count()).toBe(0)
    await daemon.visit('/alerts')
    await rowsOf('Firing').first().waitFor()
    expect(await rowsOf('Firing').locator('button, details').count()).toBe(0)
    await daemon.signOut()
    expect(await daemon.page.locator('main table').count()).toBe(0)
  })

  test('has nothing that axe finds on the cards of the daemon, in both themes and on a phone', async () => {
    const { page } = daemon
    await daemon.signIn('admin')
    const faults: string[] = []
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      for (const width of [1440, 390]) {
        await page.setViewportSize({ width, height: 900 })
        for (const [address, title] of [
          ['/alerts', 'Firing'],
          ['/runs', 'Under way and given up'],
          ['/files', 'Open records'],
        ] as const) {
          await daemon.visit(address)
          await card(title).locator('tbody tr, p.muted:not(:has-text("Reading"))').first().waitFor()
          for (const details of await card(title).locator('td details > summary').all()) await details.click()
          faults.push(...(await axeFaults(page)).map((fault) => `${address} ${colorScheme} ${width}: ${fault}`))
        }
      }
    }
    expect(faults).toEqual([])
    await page.setViewportSize({ width: 1440, height: 900 })
  })

  test('acknowledges an alert, silences it with a reason and ends the silence', async () => {
    await daemon.visit('/alerts')
    const firing = rowsOf('Firing').filter({ hasText: 'orders' }).first()
    await button(firing, 'Acknowledge').click()
    await firing.getByText('taken by token:').waitFor()
    expect(await button(firing, 'Acknowledge').count()).toBe(0)

    await firing.locator('summary:has-text("Silence")').click()
    await button(firing, 'Silence').click()
    await firing.getByText('Say why').waitFor()
    await firing.locator('label:has-text("Why") input').fill('the sender moves house')
    await button(firing, 'Silence').click()
    const silence = rowsOf('Silences').first()
    await silence.getByText('the sender moves house').waitFor()
    expect(await silence.textContent()).toContain('source orders')
    await button(silence, 'End').click()
    await silence.getByText('over').waitFor()
    expect(await button(silence, 'End').count()).toBe(0)
  })

  test('shows what somebody else did within a moment', async () => {
    await daemon.visit('/alerts')
    await rowsOf('Firing').first().waitFor()
    const before = Date.now()
    const made = await runHere(['alerts', 'silence', '--source', 'many', '--for', '1h', '--reason', 'told elsewhere'], {
      cwd,
    })
    expect(made).toMatchObject({ exitCode: 0 })
    await rowsOf('Silences').filter({ hasText: 'told elsewhere' }).waitFor({ timeout: 10_000 })
    expect(Date.now() - before).toBeLessThan(6000)
  })

  test('releases, discards and replays records, each asked twice, and they leave the list by themselves', async () => {
    await daemon.visit('/files')
    await decide('bad-1', 'Release', 'the amount is right')
    await decide('bad-2', 'Discard', 'a test of the sender')
    project.write('contracts/orders.yaml', ORDERS_CONTRACT.replace('max_value: 100', 'max_value: 9000'))
    await decide('bad-3', 'Replay', undefined)
    await rowsOf('Open records').first().waitFor({ state: 'detached', timeout: 40_000 })
    expect(await card('Open records').textContent()).toContain('Nothing waits in quarantine')
    expect(await countOrders(cwd)).toEqual({ rows: 22, ids: 22 })
  })

  test('cancels a run that works, and drives it again', async () => {
    for (let file = 0; file < 150; file += 1) project.write(`many/${file}.csv`, ordersCsv(file * 10, 10))
    await daemon.visit('/runs')
    await ask('ingestions/many/run')
    const row = rowsOf('Under way and given up').filter({ hasText: 'many' }).first()
    await row.getByText('running').waitFor()
    await button(row, 'Cancel').click()
    await button(row, 'Really cancel').click()
    await row.getByText('cancelled').waitFor()
    await button(row, 'Retry').click()
    await row.waitFor({ state: 'detached', timeout: 90_000 })
  })

  test('drives a dead run again, once its cause is gone', async () => {
    const inTheWay = path.join(cwd, 'lake/blocked')
    writeFileSync(inTheWay, 'not a folder')
    project.write('blocked/one.csv', ordersCsv(1, 5))
    await daemon.visit('/runs')
    await ask('ingestions/blocked/run')
    const row = rowsOf('Under way and given up').filter({ hasText: 'blocked' }).first()
    await row.getByText('dead').waitFor()
    rmSync(inTheWay)
    await button(row, 'Retry').click()
    await row.waitFor({ state: 'detached', timeout: 40_000 })
    expect(daemon.faults).toEqual([])
  })

  function card(title: string): Locator {
    return daemon.page.locator(`section[aria-label="${title}"]`)
  }

  function rowsOf(title: string): Locator {
    return card(title).locator('tbody tr')
  }

  function button(row: Locator, label: string): Locator {
    return row.locator(`button[aria-label^="${label}"]`)
  }

  async function decide(name: string, label: string, why: string | undefined): Promise<void> {
    const row = rowsOf('Open records').filter({ hasText: name })
    if (why !== undefined) {
      await row.locator('summary').click()
      await button(row, label).click()
      await row.getByText('Say why').waitFor()
      await row.locator('label:has-text("Why") input').fill(why)
    }
    await button(row, label).click()
    await button(row, `Really ${label.toLowerCase()}`).click()
    await row.getByText(/asked for/).waitFor()
  }

  /** As the page itself asks: by its cookie. */
  async function ask(address: string): Promise<void> {
    const status = await daemon.page.evaluate(async (url) => {
      const session = (await (await fetch('/api/v1/session')).json()) as { readonly csrf: string }
      const headers = { 'content-type': 'application/json', 'x-csrf-token': session.csrf }
      return (await fetch(url, { method: 'POST', headers, body: '{}' })).status
    }, `/api/v1/${address}`)
    expect(status).toBe(202)
  }
})

/** A source beside `orders`, with its own folder and contract. */
function sourceLike(name: string): string {
  return ORDERS_YAML.slice(ORDERS_YAML.indexOf('  orders:')).replaceAll('orders', name).replace('landing/', `${name}/`)
}
