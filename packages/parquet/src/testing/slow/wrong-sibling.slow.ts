import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { openDuckDB } from '@tidegate/duckdb'
import { expect, test } from 'vitest'

import { measureWrongSiblings } from '../wrong-siblings.ts'

/** Each is tried as the sibling of each. */
const TABLES = 56

test('a file of another table is not taken for a sibling', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-'))
  const session = await openDuckDB({ threads: 1 })
  try {
    const counts = await measureWrongSiblings({ session, folder, tables: TABLES, seed: 4 })
    process.stderr.write(
      `${JSON.stringify(counts.map(({ examples, ...count }) => ({ ...count, examples: examples.slice(0, 3) })))}\n`,
    )
    const of = (kind: string): { readonly pairs: number; readonly strong: number } =>
      counts
        .filter((count) => count.kind === kind)
        .reduce((sum, { pairs, strong }) => ({ pairs: sum.pairs + pairs, strong: sum.strong + strong }), {
          pairs: 0,
          strong: 0,
        })
    const other = of('other')
    expect(other.pairs).toBeGreaterThan(2000)
    expect(other.strong / other.pairs).toBeLessThanOrEqual(0.001)
    const wide = counts.filter(({ kind, leaves }) => kind === 'right' && leaves === '4+')
    const right = wide.reduce((sum, { pairs, strong }) => ({ pairs: sum.pairs + pairs, strong: sum.strong + strong }), {
      pairs: 0,
      strong: 0,
    })
    expect(right.strong / right.pairs).toBeGreaterThanOrEqual(0.95)
  } finally {
    await session.close()
    rmSync(folder, { recursive: true, force: true })
  }
})
