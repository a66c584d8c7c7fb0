import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { liveAssets, reportTemplate } from './index.ts'

/** In bytes of gzip. */
const SCRIPT_BUDGET = 350 * 1024

describe('the template of a report', () => {
  test('is one file: nothing in it is fetched from anywhere', async () => {
    const html = await reportTemplate()
    expect(html).not.toMatch(/<(?:script|img|iframe|link)[^>]+(?:src|href)="(?!data:)/)
    const styles = [...html.matchAll(/<style>([\s\S]*?)<\/style>/g)].map(([, text = '']) => text)
    expect(styles).toHaveLength(1)
    expect(styles[0]).not.toMatch(/@import|url\((?!["']?data:)/)
    expect(html).not.toContain('sourceMappingURL')
    expect(html.split('<script type="application/json" id="report-data"></script>')).toHaveLength(2)
  })

  test('runs the scripts that its policy names, and no others', async () => {
    const html = await reportTemplate()
    const scripts = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, text = '']) => text)
    expect(scripts).toHaveLength(2)
    const policy = /Content-Security-Policy" content="([^"]+)"/.exec(html)?.[1] ?? ''
    expect(policy).toContain("default-src 'none'")
    const hashes = scripts.map((text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`)
    expect(/script-src ([^;]+)/.exec(policy)?.[1]).toBe(hashes.join(' '))
  })

  test('makes no code out of text', async () => {
    expect(await reportTemplate()).not.toMatch(/\bnew Function\(|[^.\w]eval\(/)
  })
})

describe('the live page', () => {
  const { folder } = liveAssets()
  const html = readFileSync(path.join(folder, 'index.html'), 'utf8')

  test('names only assets that are there, and nothing inline', () => {
    const named = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map(([, file = '']) => file)
    expect(named).toHaveLength(3)
    for (const file of named) expect(existsSync(path.join(folder, file)), file).toBe(true)
    expect(readdirSync(path.join(folder, 'assets'))).toHaveLength(3)
    expect(html).not.toMatch(/<script>|<style>/)
  })

  test('has no more script than its budget', () => {
    const file = /src="\/(assets\/page-[^"]+)"/.exec(html)?.[1] ?? ''
    expect(gzipSync(readFileSync(path.join(folder, file)), { level: 9 }).length).toBeLessThan(SCRIPT_BUDGET)
  })
})
