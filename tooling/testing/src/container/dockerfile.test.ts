/** The image's recipe, as far as it can be judged without an engine; `container.slow.ts` runs what it would hold. */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { validate, ValidationSeverity } from 'dockerfile-utils'
import { describe, expect, test } from 'vitest'
import { readPackageJson, WORKSPACE } from '../workspace-files.ts'

const text = readFileSync(path.join(WORKSPACE, 'apps/daemon/Dockerfile'), 'utf8')
/** Instructions, continued lines joined, comments left out. */
const steps = text
  .replaceAll(/^#.*\n/gm, '')
  .replaceAll(/\\\n\s*/g, '')
  .split('\n')
  .filter((line) => line.trim() !== '')
const finalStage = steps.slice(steps.findLastIndex((step) => step.startsWith('FROM ')))

describe('the Dockerfile', () => {
  test('has no fault that the linter knows', () => {
    const faults = validate(text, {
      deprecatedMaintainer: ValidationSeverity.ERROR,
      instructionCasing: ValidationSeverity.ERROR,
      instructionWorkdirRelative: ValidationSeverity.ERROR,
    })
    expect(faults.map(({ range, message }) => `${range.start.line + 1}: ${message}`)).toEqual([])
  })

  test('takes the very Node that the tests ran on', () => {
    const { node } = readPackageJson(path.join(WORKSPACE, 'package.json')).devDependencies ?? {}
    expect(steps[0]).toBe(`ARG NODE_VERSION=${node}`)
  })

  test('ends as nobody in particular, with a health check and the signal that drains', () => {
    expect(finalStage).toContain('USER 10001:10001')
    expect(finalStage).toContain('STOPSIGNAL SIGTERM')
    expect(finalStage.some((step) => step.startsWith('HEALTHCHECK '))).toBe(true)
    // Signals reach the daemon itself: no shell stands between.
    expect(finalStage.find((step) => step.startsWith('ENTRYPOINT '))).toMatch(/^ENTRYPOINT \["node", "\/app\/bin\//)
    expect(finalStage.some((step) => step.startsWith('RUN '))).toBe(false)
  })

  test('names programs that are there', () => {
    const named = [...text.matchAll(/"\/app\/(bin\/[\w.-]+)"/g)].map(([, file = '']) => file)
    expect(named).toHaveLength(2)
    expect(named.filter((file) => !existsSync(path.join(WORKSPACE, 'apps/daemon', file)))).toEqual([])
  })

  test('copies neither what was installed here nor what is secret', () => {
    const ignored = readFileSync(path.join(WORKSPACE, '.dockerignore'), 'utf8').split('\n')
    expect(ignored).toEqual(expect.arrayContaining(['**/node_modules', '**/dist', '.git', '.env']))
  })
})

test('compose gives the daemon longer to stop than it takes to drain, and no more rights than it needs', () => {
  const compose = readFileSync(path.join(WORKSPACE, 'apps/daemon/compose.yaml'), 'utf8')
  expect(Number(/stop_grace_period: (\d+)s/.exec(compose)?.[1])).toBeGreaterThan(25)
  for (const line of ['read_only: true', 'cap_drop: [ALL]', 'no-new-privileges:true', 'user: 10001:10001'])
    expect(compose).toContain(line)
  expect(compose).toMatch(/- 127\.0\.0\.1:4300:4300/)
})
