/** What Prometheus' own tool says of what we give it. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aRunRecord, writeBatches, writeRun } from '../testing/api-past.ts'
import { NOW_MS, openApiWorld, type ApiWorld } from '../testing/api-world.ts'
import { readMetrics } from './metric-routes.ts'

const PROMTOOL = process.env['TIDEGATE_PROMTOOL'] ?? 'promtool'
const DOCS = fileURLToPath(new URL('../../../../docs/observability/', import.meta.url))

function promtool(words: readonly string[], input = ''): { readonly status: number | null; readonly said: string } {
  const { status, stdout, stderr } = spawnSync(PROMTOOL, words, { input, encoding: 'utf8', cwd: DOCS })
  return { status, said: `${stdout}${stderr}` }
}

const isThere = spawnSync(PROMTOOL, ['--version']).status === 0

describe.runIf(isThere)('promtool, where it is installed (TIDEGATE_PROMTOOL names it)', () => {
  let world: ApiWorld
  let folder: string
  beforeAll(async () => {
    world = await openApiWorld()
    folder = mkdtempSync(path.join(tmpdir(), 'tidegate-'))
  })
  afterAll(async () => {
    await world.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test('has nothing to say against /metrics, empty and with a past', async () => {
    expect(promtool(['check', 'metrics'], await readMetrics(world.api.services))).toEqual({ status: 0, said: '' })
    await writeBatches(world.state, 3, 1)
    await writeRun(world.state, aRunRecord('r1', NOW_MS - 100_000, { status: 'failed', endedAtMs: NOW_MS - 90_000 }))
    expect(promtool(['check', 'metrics'], await readMetrics(world.api.services))).toEqual({ status: 0, said: '' })
  })

  test('reads the alert rules, and they fire when they should and not otherwise', () => {
    expect(promtool(['check', 'rules', 'prometheus-rules.yaml'])).toMatchObject({ status: 0 })
    const tested = promtool(['test', 'rules', 'prometheus-rules.test.yaml'])
    expect(tested.status, tested.said).toBe(0)
  })

  test('reads the expression of each panel of the dashboard', () => {
    const expressions = expressionsIn(JSON.parse(readFileSync(path.join(DOCS, 'grafana-dashboard.json'), 'utf8')))
    expect(expressions.length).toBeGreaterThan(10)
    const rules = expressions.map((expr, index) => ({
      record: `panel_${index}`,
      // What Grafana fills in.
      expr: expr.replaceAll(/\$__(?:rate_)?interval|\$__range/g, '5m').replaceAll(/\$\{?\w+(?::\w+)?\}?/g, 'x'),
    }))
    const file = path.join(folder, 'panels.yaml')
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'panels', rules }] }))
    const checked = promtool(['check', 'rules', file])
    expect(checked.status, checked.said).toBe(0)
  })
})

function expressionsIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, item]): readonly string[] =>
    key === 'expr' && typeof item === 'string' ? [item] : expressionsIn(item),
  )
}
