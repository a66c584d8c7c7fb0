import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect } from 'vitest'
import type { Browser, Page } from 'playwright-core'
import { openPage, PAGES, visit } from './open-browser.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

export interface Look {
  readonly theme: 'light' | 'dark'
  readonly width?: number
  readonly rules: 'all' | 'contrast'
  /** Rows of a table are alike: five of each are looked at, unless all are asked for. */
  readonly allRows?: boolean
  /** Also what opens: one run, cause, check, incident, folder; the choice of sources. */
  readonly details?: boolean
  /** @defaultValue all nine */
  readonly pages?: readonly (typeof PAGES)[number][]
}

/** Opens the pages: no request, no error, and no fault that axe knows. */
export async function expectSoundPages(
  browser: Browser,
  url: string,
  { theme, width = 1440, rules, allRows = false, details = false, pages = PAGES }: Look,
): Promise<void> {
  const { page, troubles, close } = await openPage(browser, url, { theme, width })
  await page.evaluate(AXE)
  const faults: string[] = []
  for (const [address, title] of pages) {
    await visit(page, `#/${address}`)
    expect(await page.textContent('main h1')).toBe(title)
    expect(await page.locator('main section, main figure').count()).toBeGreaterThan(0)
    faults.push(...(await faultsOf(page, rules, allRows)).map((fault) => `${title}: ${fault}`))
    if (!details) continue
    for (const opened of await openingLinks(page)) {
      await visit(page, opened)
      faults.push(...(await faultsOf(page, rules, allRows)).map((fault) => `${opened}: ${fault}`))
    }
  }
  await page.click('.pick summary')
  faults.push(...(await faultsOf(page, rules, allRows)).map((fault) => `choice of sources: ${fault}`))
  expect(faults).toEqual([])
  expect(troubles).toEqual([])
  expect(await page.getAttribute('html', 'data-theme')).toBe(theme)
  await close()
}

/** Of the page as it is now: all rules, the first rows of its tables. */
export async function axeFaults(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE)
  return faultsOf(page, 'all', false)
}

const OPENS = ['run', 'cause', 'check', 'incident', 'folder', 'file', 'metric']

/** Of each kind of thing that opens on the page one address. */
async function openingLinks(page: Page): Promise<readonly string[]> {
  const hrefs = await page.evaluate(() =>
    Array.from(document.querySelectorAll('main a[href^="#"]'), (link) => link.getAttribute('href') ?? ''),
  )
  return OPENS.flatMap((name) => hrefs.find((href) => href.includes(`${name}=`)) ?? [])
}

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

function faultsOf(page: Page, rules: Look['rules'], allRows: boolean): Promise<readonly string[]> {
  const runOnly = rules === 'all' ? { type: 'tag', values: TAGS } : { type: 'rule', values: ['color-contrast'] }
  const exclude = allRows ? [] : [['tbody tr:nth-child(n+6)']]
  return page.evaluate(runAxe, [{ exclude }, { runOnly, resultTypes: ['violations'] }] as const)
}

interface AxeResult {
  readonly passes: readonly unknown[]
  readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[]
}

declare const axe: { run(context: object, options: object): Promise<AxeResult> }

/** Runs inside of the page. */
async function runAxe([context, options]: readonly [object, object]): Promise<readonly string[]> {
  const { violations, passes } = await axe.run(context, options)
  if (passes.length + violations.length === 0) return ['axe looked at nothing']
  return violations.flatMap(({ id, nodes }) => nodes.slice(0, 3).map(({ html }) => `${id}: ${html.slice(0, 160)}`))
}
