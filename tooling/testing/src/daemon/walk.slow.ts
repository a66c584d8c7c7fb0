/**
 * What a night and a morning look like, with nothing pretended: the built `tidegate serve`, files that land, two SIGKILLs, a mail
 * server, a webhook's receiver, a browser. Two files break a rule → one grouped alert to each channel → acknowledged in the
 * page → the rule is mended → quarantine replayed in the page → one notice that it is over.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { openDuckDB } from '@tidegate/duckdb'
import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeTempProject } from '../temp-project.ts'
import { openHook, openMailbox } from './receivers.ts'

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', process.env['TIDEGATE_CHROMIUM'] ?? ''].find(
  (file) => file !== '' && existsSync(file),
)
const BIN = path.join(path.dirname(createRequire(import.meta.url).resolve('tidegate/package.json')), 'bin/tidegate.js')
const SECRET = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`
const PATIENCE = { timeout: 60_000, interval: 100 }

describe.runIf(executablePath !== undefined || process.env['CI'] !== undefined)('a night and a morning', () => {
  const project = makeTempProject()
  let mailbox: Awaited<ReturnType<typeof openMailbox>>
  let hook: Awaited<ReturnType<typeof openHook>>
  let daemon: { readonly child: ChildProcess; readonly url: string }
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    mailbox = await openMailbox()
    hook = await openHook(SECRET)
    project.write('tidegate.yaml', configuration(hook.url, mailbox.port))
    project.write('contracts/orders.yaml', contract(100))
    project.write('landing/first.csv', orders(1, 20, 50))
    daemon = await serve(project.directory)
    browser = await chromium.launch({
      ...(executablePath === undefined ? {} : { executablePath }),
      args: ['--no-sandbox', '--disable-dev-shm-usage'],
    })
    page = await browser.newPage({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' })
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    daemon?.child.kill('SIGKILL')
    await hook?.close()
    await mailbox?.close()
    project.remove()
  })

  test('files that land are loaded without anybody asking', async () => {
    await expect.poll(liveRows, PATIENCE).toBe(20)
  }, 90_000)

  test('two files break a rule while the daemon is killed twice: each channel is told once, of both', async () => {
    project.write('landing/late-1.csv', orders(101, 5, 500))
    project.write('landing/late-2.csv', orders(201, 7, 600))
    for (let kills = 0; kills < 2; kills += 1) {
      await expect.poll(running, PATIENCE).toBe(true)
      daemon.child.kill('SIGKILL')
      daemon = await serve(project.directory)
    }
    await expect.poll(() => [hook.hooks.length, mailbox.mails.length], PATIENCE).toEqual([1, 1])
    const { items } = await ask<{ items: readonly { state: string; attemptCount: number; trigger: string }[] }>(
      'runs?limit=50',
    )
    const held = items.filter(({ state }) => state === 'gate-failed')
    // Killed and continued, not started anew.
    expect(held.map(({ trigger }) => trigger)).toEqual(['arrival'])
    expect(held[0]?.attemptCount).toBeGreaterThan(1)
    expect(hook.hooks[0]).toMatchObject({ isSigned: true, body: { type: 'gate_failed' } })
    expect(JSON.stringify(hook.hooks[0]?.body)).toMatch(/2 files|late-1\.csv.*late-2\.csv/)
    expect(mailbox.mails[0]?.subject).toContain('orders')
    expect(await liveRows()).toBe(20)
    // No value of the data leaves the house.
    expect(JSON.stringify(hook.hooks) + JSON.stringify(mailbox.mails)).not.toMatch(/\b(?:500|600)\b/)
  }, 180_000)

  test('somebody takes it, in the page', async () => {
    await page.goto(new URL('/alerts', daemon.url).href)
    const row = page.locator('section[aria-label="Firing"] tbody tr').filter({ hasText: 'gate failed' })
    await row.locator('button', { hasText: 'Acknowledge' }).click()
    await expect.poll(() => row.textContent(), PATIENCE).toContain('taken by')
    const { items } = await ask<{ items: readonly { state: string; kind: string }[] }>('alerts?limit=50')
    expect(items.find(({ kind }) => kind === 'gate_failed')).toMatchObject({ state: 'acknowledged' })
  }, 90_000)

  test('the rule is mended, what was held is replayed in the page, and each channel hears that it is over', async () => {
    project.write('contracts/orders.yaml', contract(1000))
    await page.goto(new URL('/files', daemon.url).href)
    const buttons = page.locator('section[aria-label="Open records"] tbody button', { hasText: /replay/i })
    await buttons.first().waitFor()
    for (let left = await buttons.count(); left > 0; left = await buttons.count()) {
      // Asked twice.
      await buttons.first().click()
      await buttons.first().click()
      await expect
        .poll(async () => (await ask<{ items: unknown[] }>('quarantine?limit=50&status=open')).items.length, PATIENCE)
        .toBe(left - 1)
      await page.reload()
      await page.waitForSelector('section[aria-label="Files"]')
      await setTimeout(500)
    }
    expect(await liveRows()).toBe(32)
    await expect.poll(() => [hook.hooks.length, mailbox.mails.length], PATIENCE).toEqual([2, 2])
    expect(JSON.stringify(hook.hooks[1]?.body)).toMatch(/over|resolved|recovered/i)
    const { items } = await ask<{ items: readonly { state: string; kind: string }[] }>('alerts?limit=50')
    expect(items.filter(({ state }) => state !== 'resolved')).toEqual([])
    // Quiet: nothing more comes.
    await setTimeout(5000)
    expect([hook.hooks.length, mailbox.mails.length]).toEqual([2, 2])
  }, 180_000)

  test('asked to stop it ends in order', async () => {
    const exit = new Promise<number | null>((resolve) => daemon.child.once('exit', (code) => resolve(code)))
    daemon.child.kill('SIGTERM')
    expect(await exit).toBe(143)
  }, 60_000)

  async function ask<Answer>(address: string): Promise<Answer> {
    const answer = await fetch(new URL(`/api/v1/${address}`, daemon.url))
    if (!answer.ok) throw new Error(`${address}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as Answer
  }

  async function running(): Promise<boolean> {
    const { items } = await ask<{ items: readonly { state: string }[] }>('runs?limit=50')
    return items.some(({ state }) => state === 'running')
  }

  /** Counted by the engine, from the files of the lake alone. */
  async function liveRows(): Promise<number> {
    const session = await openDuckDB({ threads: 1 })
    try {
      const glob = session.dialect.literal(path.join(project.directory, 'lake/**/*.parquet'))
      const { rows: files } = await session.query(`SELECT count(*) FROM glob(${glob})`)
      if (Number(files[0]?.[0]) === 0) return 0
      const { rows } = await session.query(`SELECT count(*) FROM read_parquet(${glob})`)
      return Number(rows[0]?.[0])
    } finally {
      await session.close()
    }
  }
})

async function serve(directory: string): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const child = spawn(
    process.execPath,
    [BIN, '-C', directory, 'serve', '--port', '0', '--output', 'json', '--log-level', 'warn'],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1' },
    },
  )
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  for (;;) {
    try {
      return { child, url: (JSON.parse(out) as { url: string }).url }
    } catch {
      if (child.exitCode !== null) throw new Error(`the daemon did not start: ${err}`)
      await setTimeout(50)
    }
  }
}

function configuration(hookUrl: string, smtpPort: number): string {
  return `version: 1
channels:
  ops: { kind: webhook, url: "${hookUrl}", secret: "${SECRET}", allow_private: true, on: [gate_failed, run_failed] }
  mail: { kind: email, host: 127.0.0.1, port: ${smtpPort}, from: tidegate@example.com, to: [ops@example.com], on: [gate_failed, run_failed] }
alerts: { group_wait: 1s, group_interval: 2s, repeat_interval: 4h }
sources:
  orders:
    path: landing/*.csv
    ready: { settle: 0s }
    contract: contracts/orders.yaml
    target: { path: lake/orders }
    schedule: { on_arrival: true, poll: 1s }
    notify: [ops, mail]
`
}

function contract(most: number): string {
  return `contract: orders
version: 1
schema:
  columns:
    id: { type: BIGINT, nullable: false }
    amount: { type: BIGINT, nullable: false }
expectations:
  - type: expect_column_values_to_be_between
    kwargs: { column: amount, max_value: ${most} }
`
}

function orders(from: number, count: number, amount: number): string {
  return ['id,amount', ...Array.from({ length: count }, (_, index) => `${from + index},${amount}`), ''].join('\n')
}
