import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { openDaemon } from '@tidegate/server'
import { chromium, type Page } from 'playwright-core'
import { runHere } from './run-here.ts'

/** A real daemon over a project, and a real browser that looks at its page. */
export interface DaemonPage {
  readonly page: Page
  readonly url: string
  /** What scripts of the page threw. */
  readonly faults: readonly string[]
  /** Goes to a page of it, anew. */
  visit(path: string): Promise<void>
  /** Makes a token and gives its secret. */
  tokenOf(scope: string): Promise<string>
  /** Signs in by the form, with a token made for it. */
  signIn(scope: string): Promise<void>
  signOut(): Promise<void>
  close(): Promise<void>
}

/** Where Chromium is, or undefined. With CI set it must be there. */
export function chromiumHere(): string | undefined {
  const places = [process.env['TIDEGATE_CHROMIUM'] ?? '', '/usr/bin/chromium', '/usr/bin/chromium-browser']
  const found = places.find((file) => file !== '' && existsSync(file))
  if (found === undefined && process.env['CI'] !== undefined)
    throw new Error('browser tests need Chromium: install it, or name it in TIDEGATE_CHROMIUM')
  return found
}

export async function openDaemonPage(cwd: string): Promise<DaemonPage> {
  const opened = await openDaemon({ directory: cwd, port: 0, version: '0.0.0', logLevel: 'error', writeLog: () => {} })
  if (opened.kind !== 'ok') throw new Error(`the daemon did not start: ${opened.kind}`)
  const { daemon } = opened
  const executablePath = chromiumHere()
  const browser = await chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  })
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' })
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(String(error)))
  const visit = async (path: string): Promise<void> => {
    await page.goto(new URL(path, daemon.url).href)
  }
  return {
    page,
    url: daemon.url,
    faults,
    visit,
    tokenOf: async (scope) => tokenOf(cwd, scope),
    async signIn(scope) {
      const secret = await tokenOf(cwd, scope)
      await page.fill('input[name=token]', secret)
      await page.click('button:has-text("Sign in")')
      await page.waitForSelector('button:has-text("Sign out")')
    },
    async signOut() {
      await page.click('button:has-text("Sign out")')
      await page.waitForSelector('section[aria-label="Sign in"]')
    },
    async close() {
      await browser.close()
      await daemon.close()
    },
  }
}

async function tokenOf(cwd: string, scope: string): Promise<string> {
  const { stdout } = await runHere(['token', 'create', '--scope', scope, '--name', scope, '--output', 'json'], { cwd })
  return (JSON.parse(stdout) as { readonly token: { readonly secret: string } }).token.secret
}

declare const axe: {
  run(options: object): Promise<{
    readonly passes: readonly unknown[]
    readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[]
  }>
}

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** What axe finds on the page as it is now. */
export async function axeFaults(page: Page): Promise<readonly string[]> {
  // The policy of the page lets no script in but its own: what the browser's tools evaluate is not held by it.
  const dashboard = createRequire(new URL('../../../../packages/dashboard/package.json', import.meta.url))
  await page.evaluate(readFileSync(dashboard.resolve('axe-core/axe.min.js'), 'utf8'))
  return page.evaluate(async (values) => {
    const { passes, violations } = await axe.run({
      runOnly: { type: 'tag', values },
      resultTypes: ['violations'],
    })
    if (passes.length + violations.length === 0) return ['axe looked at nothing']
    return violations.flatMap(({ id, nodes }) => nodes.slice(0, 3).map(({ html }) => `${id}: ${html.slice(0, 200)}`))
  }, TAGS)
}
