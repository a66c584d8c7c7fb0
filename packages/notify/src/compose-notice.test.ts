import { expect, test } from 'vitest'
import { composeNotice } from './compose-notice.ts'
import type { NoticeEvent, NoticeFile } from './notice.ts'

const AT = Date.UTC(2026, 10, 21, 12)

function file(path: string, score: number | null, reasons: NoticeFile['reasons'] = []): NoticeFile {
  return { path, dataset: 'flights', score, reasons }
}

function gateFailed(files: readonly NoticeFile[], facts: { source?: string; run?: string } = {}): NoticeEvent {
  return { kind: 'gate_failed', source: 'flights', run: 'r1', atMs: AT, files, ...facts }
}

test('a failed gate names the files, worst first, with the checks that failed and what to run next', () => {
  const notice = composeNotice(
    gateFailed([
      file('ok-ish.parquet', 99.96, [{ check: 'delay:between', severity: 'critical', failedRows: 1 }]),
      file('broken.parquet', null, [{ check: 'PQ105', severity: 'critical' }]),
    ]),
  )
  expect(notice).toMatchObject({
    severity: 'critical',
    title: 'flights: the gate held 2 files',
    labels: { source: 'flights', run: 'r1', event: 'gate_failed' },
    at: '2026-11-21T12:00:00.000Z',
    commands: ['tidegate quarantine ls --source flights', 'tidegate files explain broken.parquet'],
  })
  expect(notice.members).toEqual([
    { name: 'broken.parquet', detail: 'no score; PQ105 (critical)' },
    { name: 'ok-ish.parquet', detail: 'score 99.9; delay:between (critical, 1 row)' },
  ])
})

test('of a damaged file it says whether a part of it can be brought back', () => {
  const damage = { check: 'PQ105', severity: 'critical' }
  const { members } = composeNotice(
    gateFailed([
      file('a.parquet', null, [damage, { check: 'REPAIR_IS_LOSSY', severity: 'warning' }]),
      file('b.parquet', null, [damage, { check: 'REPAIR_REFUSED', severity: 'warning' }]),
    ]),
  )
  expect(members.map(({ detail }) => detail)).toEqual([
    'no score; PQ105 (critical); a part of it can be brought back',
    'no score; PQ105 (critical)',
  ])
})

test('ten files are named, of the others it says how many', () => {
  const notice = composeNotice(gateFailed(Array.from({ length: 12 }, (_, index) => file(`f${index}`, index))))
  expect(notice.members.map(({ name }) => name)).toEqual(['f0', 'f1', 'f2', 'f3', 'f4', 'f5', 'f6', 'f7', 'f8', 'f9'])
  expect(notice.more).toBe(2)
  expect(notice.text).toContain('- and 2 more')
})

test('the key is the same for the same event of the same run, and differs otherwise', () => {
  const key = (event: NoticeEvent) => composeNotice(event).key
  const first = key(gateFailed([file('a', 1)]))
  expect(key(gateFailed([]))).toBe(first)
  const others: NoticeEvent[] = [
    gateFailed([], { run: 'r2' }),
    gateFailed([], { source: 'other' }),
    { kind: 'file_quarantined', source: 'flights', run: 'r1', atMs: AT, files: [] },
    { kind: 'run_failed', source: 'flights', run: 'r1', atMs: AT, code: 'X' },
    { kind: 'recovered', source: 'flights', run: 'r1', atMs: AT, from: 'stale' },
    { kind: 'recovered', source: 'flights', run: 'r1', atMs: AT, from: 'run_failed' },
  ]
  expect(new Set([first, ...others.map(key)]).size).toBe(7)
})

test('one missed deadline is one notice, however often it is looked at', () => {
  const stale = (dueAtMs: number, atMs: number): string =>
    composeNotice({ kind: 'stale', source: 's', atMs, expected: 'every 1h', dueAtMs, lastLoadedAtMs: null }).key
  expect(stale(AT, AT + 1)).toBe(stale(AT, AT + 60_000))
  expect(stale(AT, AT)).not.toBe(stale(AT + 1, AT))
})

test('hostile names stay on one line, are quoted in commands and make safe header values', () => {
  const source = "it's\nX-Evil: 1; rm -rf /"
  const notice = composeNotice(gateFailed([file('a\u202eb\u001b[2J', 0)], { source }))
  expect(notice.key).toMatch(/^tg_[0-9a-f]{32}$/)
  expect(notice.title).toBe(String.raw`it's\u{a}X-Evil: 1; rm -rf /: the gate held 1 file`)
  expect(notice.members[0]?.name).toBe(String.raw`a\u{202e}b\u{1b}[2J`)
  // A command with a name that is not quite the name would mislead.
  expect(notice.commands).toEqual(['tidegate quarantine ls'])
  expect(composeNotice(gateFailed([file("a'; ls", 0)], { source: 'b c' })).commands).toEqual([
    "tidegate quarantine ls --source 'b c'",
    String.raw`tidegate files explain 'a'\''; ls'`,
  ])
})

test('names of any length are cut', () => {
  const notice = composeNotice(gateFailed([file('x'.repeat(100_000), 0)]))
  expect(notice.text.length).toBeLessThan(1500)
})

test('nothing of the messages of checks gets into a notice', () => {
  const reason = { check: 'email:regex', severity: 'critical', failedRows: 3, message: 'jane@example.org is no e-mail' }
  const notice = composeNotice(gateFailed([file('a', 50, [reason])]))
  expect(JSON.stringify(notice)).not.toContain('jane')
})

test('a failed run tells where the data is, and a run done in part is a warning', () => {
  const failed = composeNotice({ kind: 'run_failed', source: 's', run: 'r', atMs: AT, code: 'ENGINE_DISK_FULL' })
  expect(failed.severity).toBe('critical')
  expect(failed.text).toContain('What was committed before stays')
  expect(failed.commands).toContain('tidegate explain ENGINE_DISK_FULL')
  const partly = composeNotice({
    kind: 'run_failed',
    source: 's',
    run: 'r',
    atMs: AT,
    code: 'X',
    partly: true,
    filesFailed: 2,
  })
  expect(partly.severity).toBe('warning')
  expect(partly.text).toContain('2 files could not be judged')
})

test('recovered and stale notices say what was and what is expected', () => {
  const recovered = composeNotice({
    kind: 'recovered',
    source: 's',
    run: 'r',
    atMs: AT,
    from: 'run_failed',
    filesLoaded: 1,
  })
  expect(recovered).toMatchObject({ severity: 'info', title: 's: recovered (the run had failed)' })
  const stale = composeNotice({
    kind: 'stale',
    source: 's',
    atMs: AT,
    expected: 'every 1h',
    dueAtMs: AT,
    lastLoadedAtMs: null,
  })
  expect(stale.title).toBe('s: files are late (expected every 1h)')
  expect(stale.text).toContain('A file was due at 2026-11-21 12:00 UTC. No file was ever loaded.')
})
