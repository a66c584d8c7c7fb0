import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import http, { type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Capped, FileRecord } from '@tidegate/core'
import type { ReportData } from '@tidegate/monitor'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { demoContext, demoFacts } from '../../testing/demo-facts.ts'
import { findChromium, launch } from './open-browser.ts'

const FOLDER = fileURLToPath(new URL('../../../dist/live', import.meta.url))
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src data:; connect-src 'self'"

const executable = findChromium()

describe.runIf(executable !== undefined)('the live page', () => {
  let browser: Browser
  let server: Awaited<ReturnType<typeof serve>>

  beforeAll(async () => {
    browser = await launch(executable ?? '')
    server = await serve()
  })

  afterAll(async () => {
    await browser?.close()
    server?.close()
  })

  test('has real addresses, follows its links without loading itself anew, and goes back', async () => {
    const page = await browser.newPage()
    const troubles: string[] = []
    page.on('console', (message) => {
      if (message.type() === 'error') troubles.push(message.text())
    })
    page.on('pageerror', (error) => troubles.push(String(error)))
    await page.goto(`${server.url}/quality?source=flights`)
    await page.waitForSelector('main h1:text-is("Quality")')
    await page.evaluate(() => Object.assign(globalThis, { stayed: true }))
    await page.click('nav a:has-text("Files")')
    await page.waitForSelector('main h1:text-is("Files")')
    expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe('/files?source=flights')
    await page.waitForSelector('section[aria-label="Files"] tbody tr')
    await page.goBack()
    await page.waitForSelector('main h1:text-is("Quality")')
    expect(await page.evaluate(() => 'stayed' in globalThis)).toBe(true)
    expect(server.asked.filter((url) => url.startsWith('/views/files'))).toHaveLength(1)
    expect(server.asked.find((url) => url.startsWith('/views/files'))).toContain('source=flights')
    expect(troubles).toEqual([])
    await page.close()
  })

  test('reads again when the server says that something changed, and says so to a screen reader', async () => {
    const page = await browser.newPage()
    await page.goto(`${server.url}/`)
    await page.waitForSelector('main h1:text-is("Overview")')
    await page.waitForSelector('.bar [role=status]:has-text("Live")')
    server.project = 'renamed'
    server.announce()
    await page.waitForSelector('.brand:has-text("renamed")', { timeout: 20_000 })
    expect(await page.textContent('[aria-live=polite]')).toBe('Updated')
    await page.close()
  })

  test('keeps what somebody got of the list of files, and the place where they read, when the state moves', async () => {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    server.files = manyFiles(70)
    await page.goto(`${server.url}/files`)
    const list = page.locator('section[aria-label="Files"]')
    await list.locator('caption:has-text("30 of 70 files")').waitFor()
    await page.evaluate(async () => {
      const button = (): HTMLButtonElement | null =>
        document.querySelector<HTMLButtonElement>('section[aria-label="Files"] .more button')
      while (button()?.textContent.startsWith('Show') === true) {
        button()?.click()
        await new Promise(requestAnimationFrame)
      }
    })
    await list.getByRole('button', { name: 'Get more' }).click()
    await list.locator('caption:has-text("60 of 70 files")').waitFor()
    const row = list.locator('tbody tr', { hasText: 'file-0055.csv' })
    await row.scrollIntoViewIfNeeded()
    await row.locator('a').first().focus()
    const place = async (): Promise<unknown> =>
      page.evaluate(() => {
        const { scrollTop = 0 } = document.activeElement?.closest('.table-scroll') ?? {}
        return { read: document.activeElement?.textContent, isFarDown: scrollTop > 300 }
      })
    const there = { read: 'file-0055.csv', isFarDown: true }
    expect(await place()).toEqual(there)
    const before = (await row.boundingBox())?.y ?? 0

    server.files = [fileOf(9999), ...server.files]
    server.announce()
    await list.locator('caption:has-text("60 of 71 files")').waitFor({ timeout: 20_000 })
    await list.locator('tbody tr', { hasText: 'file-9999.csv' }).waitFor()
    expect(await place()).toEqual(there)
    // By no more than the row that came on top.
    expect(Math.abs(((await row.boundingBox())?.y ?? 0) - before)).toBeLessThan(60)

    // Another question begins at its beginning.
    await list.getByLabel('Outcome').selectOption('held')
    await list.locator('caption:has-text("30 of 71 files")').waitFor()
    await page.close()
    server.files = undefined
  })

  test('says what to do when its server does not answer', async () => {
    const page = await browser.newPage()
    await page.route('**/views/facts*', (route) => route.abort())
    await page.goto(`${server.url}/runs`)
    await page.waitForSelector('main [role=alert]')
    expect(await page.textContent('main')).toContain('Is `tidegate monitor --serve` still running?')
    await page.close()
  })
})

interface Server {
  readonly url: string
  readonly asked: string[]
  project: string
  /** What its list of files has. Undefined: those of the demo. */
  files: readonly FileRecord[] | undefined
  announce(): void
  close(): void
}

async function serve(): Promise<Server> {
  const listeners = new Set<ServerResponse>()
  const state = { asked: [] as string[], project: 'airline', files: undefined as readonly FileRecord[] | undefined }
  const server = http.createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://page')
    state.asked.push(url.pathname + url.search)
    response.setHeader('content-security-policy', POLICY)
    if (url.pathname === '/views/facts') return sendJson(response, reportData(state.project))
    if (url.pathname === '/views/files') return sendJson(response, filePage(state.files, url.searchParams))
    if (url.pathname === '/views/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': hello\n\n')
      listeners.add(response)
      return
    }
    const asset = path.join(FOLDER, url.pathname)
    const file = url.pathname.startsWith('/assets/') && existsSync(asset) ? asset : path.join(FOLDER, 'index.html')
    response.setHeader('content-type', TYPES[path.extname(file)] ?? 'text/plain')
    response.end(readFileSync(file))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return Object.assign(state, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    announce: () => listeners.forEach((listener) => listener.write('event: changed\ndata: {}\n\n')),
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  })
}

function manyFiles(count: number): readonly FileRecord[] {
  return Array.from({ length: count }, (_, index) => fileOf(index))
}

function fileOf(index: number): FileRecord {
  const [file] = demoFacts().files.items
  if (file === undefined) throw new Error('the demo has no file')
  const path = `file-${String(index).padStart(4, '0')}.csv`
  return { ...file, id: `${file.source}/${path}#1`, path }
}

/** Fewer than are asked for, so that there is less to draw. */
const FILES_AT_ONCE = 30

function filePage(files: readonly FileRecord[] | undefined, query: URLSearchParams): Capped<FileRecord> {
  if (files === undefined) return demoFacts().files
  const offset = Number(query.get('offset') ?? 0)
  const from = (offset / Number(query.get('limit'))) * FILES_AT_ONCE
  return { items: files.slice(from, from + FILES_AT_ONCE), total: files.length }
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(value))
}

function reportData(project: string): ReportData {
  return {
    kind: 'tidegate-report',
    reportVersion: 1,
    version: '0.1.0',
    project,
    command: 'tidegate monitor --serve',
    samples: 'none',
    facts: demoFacts(),
    context: demoContext(),
    trimmed: [],
  }
}
