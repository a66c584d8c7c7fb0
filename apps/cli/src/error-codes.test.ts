import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { MONITOR_SECTIONS } from '@tidegate/monitor'
import { FINDING_CODES } from '@tidegate/parquet'
import { SECTIONS } from './command-table.ts'
import { ERROR_CODES } from './error-codes.ts'

const ROOT = path.join(import.meta.dirname, '../../..')

/** Where a code is given to an error, a reason or a record. */
const GIVEN = [
  /\bnew TidegateError\(\s*'([A-Z]+(?:_[A-Z0-9]+)*)'/g,
  /\b(?:code|check|errorCode):\s*'([A-Z]+_[A-Z0-9_]+)'/g,
  /\b(?:problemAt|problem|report)\([^'\n]*'([A-Z]+_[A-Z0-9_]+)'/g,
  /\breturn '([A-Z]+_[A-Z0-9_]+)'/g,
  /^\s*\|\s*'([A-Z]+_[A-Z0-9_]+)'$/gm,
  /'((?:CONFIG|CHECK|CONTRACT|LEDGER|STATE|ENGINE|SOURCE|SCHEMA|USAGE|LEASE|NOTICE|MONITOR|PROFILE|FILE|RUN)_[A-Z0-9_]+)'/g,
]

/** Texts of other worlds that look like codes of ours. */
const FOREIGN = new Set(['CONTRACT_FILE', 'STATE_TABLES', 'SOURCE_DATE_EPOCH'])

test('every code that the sources give has its explanation', () => {
  const missing = new Map<string, string>()
  for (const file of sources()) {
    const text = readFileSync(file, 'utf8')
    for (const pattern of GIVEN) {
      for (const [, code = ''] of text.matchAll(pattern)) {
        // SQLite's and the system's own codes are turned into ours.
        if (/^(SQLITE|ERR|E[A-Z]+$)/.test(code) || FOREIGN.has(code)) continue
        if (!(code in ERROR_CODES) && !isFinding(code)) missing.set(code, path.relative(ROOT, file))
      }
    }
  }
  expect(Object.fromEntries(missing)).toEqual({})
})

test('every explanation belongs to a code that the sources give, and ends its sentences', () => {
  const all = sources()
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n')
  const unused = Object.keys(ERROR_CODES).filter((code) => !new RegExp(`['\`]${code}['\`]|\\b${code}:`).test(all))
  expect(unused).toEqual([])
  for (const [code, [meaning, hint]] of Object.entries(ERROR_CODES)) {
    expect(meaning, code).toMatch(/[.:!]$/)
    expect(hint, code).toMatch(/[.:!]$/)
  }
})

test('every code stands in one table only', async () => {
  const folder = path.join(import.meta.dirname, 'error-codes')
  const seen: string[] = []
  for (const file of readdirSync(folder))
    for (const table of Object.values((await import(path.join(folder, file))) as Record<string, object>))
      seen.push(...Object.keys(table))
  expect(seen.toSorted()).toEqual(Object.keys(ERROR_CODES).toSorted())
})

test('the help names the sections that monitor has', () => {
  expect(SECTIONS).toEqual(MONITOR_SECTIONS)
})

function isFinding(code: string): boolean {
  return Object.values(FINDING_CODES).some((finding) => finding.name === code)
}

function sources(): readonly string[] {
  return ['packages', 'apps'].flatMap((folder) =>
    readdirSync(path.join(ROOT, folder)).flatMap((name) => {
      const source = path.join(ROOT, folder, name, 'src')
      return readdirSync(source, { recursive: true, encoding: 'utf8' })
        .filter(
          (file) =>
            file.endsWith('.ts') &&
            !file.endsWith('.test.ts') &&
            !file.split(path.sep).includes('testing') &&
            !/^error-codes\b/.test(file),
        )
        .map((file) => path.join(source, file))
    }),
  )
}
