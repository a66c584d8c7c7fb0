import { describe, expect, test } from 'vitest'
import { advanceRate, NO_RATE, renderBar, shareDone, timeLeftMs, type BarState } from './bar.ts'
import { createProgress, type Progress, type ProgressOptions } from './progress.ts'
import { textWidth } from './text-width.ts'

function state(facts: Partial<BarState>): BarState {
  return { name: 'ingest', startedAtMs: 0, nowMs: 10_000, done: {}, total: {}, rate: NO_RATE, ...facts }
}

describe('a bar', () => {
  test('shows amounts, rate and the time left', () => {
    const line = renderBar(
      state({
        done: { files: 5, rows: 500 },
        total: { files: 10, rows: 1000 },
        rate: { files: 1, rows: 100, bytes: null },
      }),
      100,
    )
    expect(line).toBe(
      `ingest              ${'━'.repeat(12)}${'─'.repeat(13)}  5/10 files · 500/1,000 rows · 100 rows/s · 5.0 s left`,
    )
  })

  test('fits any width, whatever the name', () => {
    for (const width of [1, 20, 40, 80, 200]) {
      const line = renderBar(
        state({ name: '日本語\n\u001b[2J'.repeat(20), done: { files: 1 }, total: { files: 3 } }),
        width,
      )
      expect(textWidth(line)).toBeLessThanOrEqual(width)
      // oxlint-disable-next-line no-control-regex -- none may be left
      expect(line).not.toMatch(/[\u0000-\u001f]/)
    }
  })

  test('is full only when everything is done, and never more than full', () => {
    expect(renderBar(state({ done: { files: 9999 }, total: { files: 10_000 } }), 100)).toContain('─')
    expect(shareDone({ done: { files: 20 }, total: { files: 10 } })).toBe(1)
    expect(shareDone({ done: { files: 1 }, total: { files: 0 } })).toBeNull()
  })

  test('tells the time left by the finest unit whose total is known', () => {
    const rate = { files: 1, rows: 10, bytes: null }
    expect(timeLeftMs({ done: { files: 1, rows: 0 }, total: { files: 3, rows: 100 }, rate })).toBe(10_000)
    expect(timeLeftMs({ done: { files: 1 }, total: { files: 3 }, rate })).toBe(2000)
    expect(timeLeftMs({ done: { files: 1 }, total: { files: 3 }, rate: NO_RATE })).toBeNull()
    expect(timeLeftMs({ done: {}, total: {}, rate })).toBeNull()
  })

  test('weighs newer work more: after 5 s at a new rate, 63 % of the change is seen', () => {
    expect(advanceRate(null, 50, 1000)).toBe(50)
    expect(advanceRate(0, 500, 5000)).toBeCloseTo(63.2, 1)
    expect(advanceRate(7, 50, 0)).toBe(7)
    expect(advanceRate(0, -5, 1000)).toBe(0)
  })
})

/** A display on a clock of our own; `tick` moves it and lets the timer beat. */
function display(options: Partial<ProgressOptions> = {}): {
  progress: Progress
  written: () => string
  tick: (ms: number) => void
  beating: () => boolean
} {
  let now = Date.UTC(2026, 0, 1)
  let text = ''
  let beat: (() => void) | undefined
  const progress = createProgress({
    stream: { write: (part) => (text += part), columns: 100 },
    isTTY: false,
    nowMs: () => now,
    every: (_, callback) => {
      beat = callback
      return () => (beat = undefined)
    },
    ...options,
  })
  return {
    progress,
    written: () => text,
    tick: (ms) => {
      now += ms
      beat?.()
    },
    beating: () => beat !== undefined,
  }
}

describe('off a terminal', () => {
  test('a stage is a line at its start, at most one every ten seconds, and one at its end', () => {
    const { progress, written, tick } = display()
    const stage = progress.stage('ingest flights', { files: 4 })
    for (let files = 1; files <= 3; files += 1) {
      stage.update({ files })
      tick(5000)
    }
    stage.end('3 loaded, 1 held', 'warn')
    expect(written().split('\n')).toEqual([
      'ingest flights: started (4 files)',
      'ingest flights: 2/4 files · 0.2 files/s · 10.0 s left',
      'ingest flights: done with warnings, 3 loaded, 1 held · 15.0 s',
      '',
    ])
  })

  test('a long step without any update still beats', () => {
    const { progress, written, tick } = display()
    progress.stage('check')
    tick(10_000)
    tick(9999)
    expect(written()).toBe('check: started\ncheck: 10.0 s\n')
  })

  test('there are no escapes, also with hostile names', () => {
    const { progress, written } = display()
    progress.stage('a\u001b[2J\nb').end('x\u001b[0m')
    progress.message('warn', 'y\nz')
    // oxlint-disable-next-line no-control-regex -- none may be left
    expect(written()).not.toMatch(/\u001b/)
    expect(written().split('\n')).toHaveLength(4)
  })

  test('as JSON each line is an object with time, level and event', () => {
    const { progress, written, tick } = display({ format: 'json', isTTY: true })
    const stage = progress.stage('s\n', { rows: 10 })
    stage.update({ rows: 4 })
    tick(10_000)
    stage.end(undefined, 'bad')
    progress.message('info', 'hello', { source: 'x' })
    const lines = written()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(lines).toEqual([
      { time: '2026-01-01T00:00:00.000Z', level: 'info', event: 'stage-start', stage: 's\n', total: { rows: 10 } },
      {
        time: '2026-01-01T00:00:10.000Z',
        level: 'info',
        event: 'stage-progress',
        stage: 's\n',
        rows: 4,
        total: { rows: 10 },
      },
      {
        time: '2026-01-01T00:00:10.000Z',
        level: 'error',
        event: 'stage-end',
        stage: 's\n',
        rows: 4,
        total: { rows: 10 },
        outcome: 'bad',
        summary: null,
        durationMs: 10_000,
      },
      { time: '2026-01-01T00:00:10.000Z', level: 'info', event: 'message', message: 'hello', source: 'x' },
    ])
  })

  test('quiet leaves warnings and errors', () => {
    for (const isTTY of [true, false]) {
      const { progress, written, tick } = display({ quiet: true, isTTY })
      const stage = progress.stage('s')
      tick(20_000)
      progress.message('info', 'no')
      progress.message('error', 'yes')
      stage.end()
      expect(written()).toBe('error: yes\n')
    }
  })
})

describe('on a terminal', () => {
  test('bars are drawn at most ten times a second', () => {
    const { progress, written, tick } = display({ isTTY: true })
    const stage = progress.stage('s', { files: 1000 })
    const frames = (): number => written().split('\u001b[0J').length - 1
    const before = frames()
    for (let files = 0; files < 100; files += 1) {
      stage.update({ files })
      tick(10)
    }
    expect(frames() - before).toBe(10)
  })

  test('the cursor is hidden once and back at the end, and one line per stage is left', () => {
    const { progress, written, tick, beating } = display({ isTTY: true })
    const one = progress.stage('one', { files: 2 })
    const two = progress.stage('two', { files: 2 })
    tick(200)
    one.end('fine')
    two.end('not so', 'bad')
    expect(beating()).toBe(false)
    expect(written().split('\u001b[?25l')).toHaveLength(2)
    expect(written().endsWith('\u001b[?25h')).toBe(true)
    expect(screenOf(written())).toEqual(['✓ one: fine · 200 ms', '✗ two: not so · 200 ms'])
  })

  test('messages stay above the bars', () => {
    const { progress, written, tick } = display({ isTTY: true })
    const stage = progress.stage('s', { files: 2 })
    tick(200)
    progress.message('warn', 'odd')
    stage.update({ files: 1 })
    tick(200)
    expect(screenOf(written())[0]).toBe('warning: odd')
    expect(screenOf(written())[1]).toContain('1/2 files')
    expect(screenOf(written())).toHaveLength(2)
  })

  test('close takes the bars away, and may be called twice', () => {
    const { progress, written } = display({ isTTY: true })
    const listeners = process.listenerCount('exit')
    const stage = progress.stage('s', { files: 2 })
    expect(process.listenerCount('exit')).toBe(listeners + 1)
    progress.close()
    progress.close()
    stage.end('too late')
    expect(screenOf(written())).toEqual([])
    expect(written().endsWith('\u001b[?25h')).toBe(true)
    expect(process.listenerCount('exit')).toBe(listeners)
  })
})

/** What is left on the screen: a terminal that knows the four sequences that are used. */
function screenOf(output: string): readonly string[] {
  let lines: string[] = ['']
  let row = 0
  // oxlint-disable-next-line no-control-regex -- it reads escapes
  for (const [token, up] of output.matchAll(/\u001b\[(\d+)A|\u001b\[0J|\u001b\[\?25[lh]|\r|\n|[^\u001b\r\n]+/g)) {
    if (token === '\n') {
      row += 1
      lines[row] ??= ''
    } else if (up !== undefined) row -= Number(up)
    else if (token === '\u001b[0J') lines = [...lines.slice(0, row), '']
    else if (token !== '\r' && !token.startsWith('\u001b')) lines[row] += token
  }
  return lines.filter((line) => line !== '')
}
