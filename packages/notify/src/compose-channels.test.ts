/** The same notices in every channel: what people see, and that no name can break out of it or grow over the limits. */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AlertKind, AlertRecord } from '@tidegate/core'
import { composeNotice } from './alerts/compose-message.ts'
import { filesDetail } from './alerts/make-signals.ts'
import { composeEmail } from './email/compose-email.ts'
import { noticePayload, noticeText, readNotice, type Notice } from './notice.ts'
import { composeSlack } from './slack/compose-slack.ts'
import { composeCard } from './teams/compose-card.ts'

const AT = Date.UTC(2026, 10, 21, 12)

function alert(fields: Partial<AlertRecord> & Pick<AlertRecord, 'kind'>): AlertRecord {
  return {
    id: `al-${fields.kind}`,
    source: 'orders',
    dataset: null,
    severity: 'critical',
    state: 'firing',
    firstAtMs: AT,
    lastAtMs: AT,
    count: 1,
    firingAtMs: AT,
    acknowledgedAtMs: null,
    acknowledgedBy: null,
    note: null,
    resolvedAtMs: null,
    run: 'r1',
    detail: {},
    ...fields,
  }
}

const HELD = filesDetail([
  {
    path: 'b.csv',
    dataset: 'orders',
    score: 99.96,
    reasons: [{ check: 'amount:between', severity: 'critical', failedRows: 1200 }],
  },
  { path: 'a.csv', dataset: 'orders', score: null, reasons: [{ check: 'PQ105', severity: 'error' }] },
])

const EXAMPLES: Readonly<Record<AlertKind, AlertRecord>> = {
  gate_failed: alert({ kind: 'gate_failed', dataset: 'orders', detail: HELD }),
  file_quarantined: alert({ kind: 'file_quarantined', severity: 'warning', dataset: 'lines', detail: HELD }),
  run_failed: alert({
    kind: 'run_failed',
    detail: { code: 'ENGINE_CRASHED', command: 'ingest', partly: false, filesFailed: 0 },
    count: 3,
  }),
  stale: alert({
    kind: 'stale',
    severity: 'warning',
    detail: { expected: 'every 1h', dueAtMs: AT, lastLoadedAtMs: null },
  }),
  missing: alert({ kind: 'missing', detail: { expectedFiles: 24, arrivedFiles: 20, by: '02:15 UTC', dueAtMs: AT } }),
  schema_changed: alert({
    kind: 'schema_changed',
    severity: 'warning',
    dataset: 'orders',
    detail: { added: ['a', 'b'], removed: [], changed: ['c'] },
  }),
  schedule_missed: alert({
    kind: 'schedule_missed',
    severity: 'warning',
    detail: { schedule: 'ingest:orders', missed: 4, fromMs: AT, untilMs: AT + 3_600_000, reason: 'catch-up-none' },
  }),
  job_dead: alert({ kind: 'job_dead', detail: { job: 'j1', command: 'ingest', attempts: 5, code: 'ENGINE_CRASHED' } }),
}

const noticeOf = (...fresh: readonly AlertRecord[]): Notice =>
  composeNotice('ops', { fresh, open: [], over: [], news: [], groups: ['source=orders'] }, AT)

describe.each(Object.entries(EXAMPLES))('%s', (_kind, example) => {
  test('looks like this in each channel', () => {
    const notice = noticeOf(example)
    expect({
      title: notice.title,
      text: noticeText(notice),
      slack: composeSlack(notice),
      teams: composeCard(notice).attachments[0].content.body,
      email: composeEmail(notice, ''),
    }).toMatchSnapshot()
  })
})

test('a kind in words, worked out by hand', () => {
  const notice = noticeOf(EXAMPLES.gate_failed)
  expect([notice.title, notice.event, notice.severity]).toEqual([
    'orders: the gate held 2 files',
    'gate_failed',
    'critical',
  ])
  expect(noticeText(notice).split('\n')).toEqual([
    'Nothing of these files was loaded; they wait in quarantine with the reasons.',
    '- a.csv: no score; PQ105 (error)',
    '- b.csv: score 99.9; amount:between (critical, 1,200 rows)',
    'Next: tidegate quarantine ls --source orders · tidegate files explain a.csv · tidegate alerts ack al-gate_failed',
  ])
  expect(noticeOf(EXAMPLES.missing).title).toBe('orders: 4 files missing')
  expect(noticeOf(EXAMPLES.schedule_missed).title).toBe('ingest:orders: 4 scheduled runs missed')
})

test('ten files are named, of the others it says how many', () => {
  const files = Array.from({ length: 37 }, (_, index) => ({
    path: `f${index}.csv`,
    dataset: 'orders',
    score: index,
    reasons: [],
  }))
  const [section] = noticeOf(alert({ kind: 'gate_failed', detail: filesDetail(files) })).sections
  expect(section?.title).toBe('orders: the gate held 37 files')
  expect([section?.members.length, section?.more]).toEqual([10, 27])
})

test('a notice comes back from the outbox as it went in', () => {
  const notice = noticeOf(EXAMPLES.gate_failed, EXAMPLES.stale)
  const payload = JSON.parse(JSON.stringify(noticePayload(notice))) as ReturnType<typeof noticePayload>
  expect(composeSlack(readNotice(payload))).toEqual(composeSlack(notice))
  expect(composeCard(readNotice(payload))).toEqual(composeCard(notice))
})

test('what an older version left in the outbox is sent with its title and text', () => {
  const payload = {
    schemaVersion: 1,
    key: 'tg_1',
    event: 'gate_failed',
    severity: 'critical',
    title: 'old',
    text: 'some text',
  }
  expect(composeSlack(readNotice(payload)).text).toContain('old')
  expect(composeEmail(readNotice(payload), 'some text').text).toContain('some text')
})

const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.constantFrom(
    '<!channel>',
    '<https://evil|click>',
    '*bold*',
    '`code`',
    '[link](http://evil)',
    '<script>x</script>',
    '"><img src=x>',
    '&amp;',
    '\u202egpj',
    'a'.repeat(5000),
    '😀'.repeat(400),
  ),
)
const hostile = fc.array(
  fc.record({
    kind: fc.constantFrom(...(Object.keys(EXAMPLES) as AlertKind[])),
    source: nasty,
    dataset: nasty,
    path: nasty,
    check: nasty,
    code: nasty,
  }),
  { minLength: 1, maxLength: 60 },
)

test('whatever names hold, each channel stays within its limits and shows them as text', () => {
  fc.assert(
    fc.property(hostile, (many) => {
      const fresh = many.map(({ kind, source, dataset, path, check, code }, index) => {
        const files = Array.from({ length: 12 }, () => ({
          path,
          dataset,
          score: 1,
          reasons: [{ check, severity: code }],
        }))
        const detail = {
          ...filesDetail(files),
          code,
          expected: code,
          by: code,
          reason: code,
          added: [path, check],
          schedule: source,
        }
        return alert({ kind, source, dataset, id: `al-${index}`, detail })
      })
      const notice = noticeOf(...fresh)
      const slack = composeSlack(notice)
      expect(slack.blocks.length).toBeLessThanOrEqual(50)
      let sum = slack.text.length
      for (const block of slack.blocks) {
        const text = block.type === 'context' ? (block.elements[0]?.text ?? '') : block.text.text
        expect(text.length).toBeLessThanOrEqual(block.type === 'header' ? 150 : 3000)
        expect(text.length).toBeGreaterThan(0)
        if (block.type !== 'header') expect(text.replaceAll(/&(amp|lt|gt);/g, '')).not.toMatch(/[<>&]/)
        expect(text.isWellFormed()).toBe(true)
        sum += text.length
      }
      expect(sum).toBeLessThanOrEqual(12_000)
      const card = JSON.stringify(composeCard(notice))
      expect(Buffer.byteLength(card)).toBeLessThan(28_000)
      const mail = composeEmail(notice, '')
      expect(mail.subject).not.toMatch(/[\r\n]/)
      // Tags of ours alone.
      expect(
        mail.html.match(/<(?!\/?(?:!doctype|html|head|meta|body|table|tr|td|strong|span|div|ul|li|code|pre)\b)/gi),
      ).toBeNull()
      // oxlint-disable-next-line no-control-regex -- control characters are what this looks for
      expect(noticeText(notice)).not.toMatch(/\u202e|[\u0000-\u0009\u000b-\u001f]/)
    }),
    { seed: 11, numRuns: 60 },
  )
})
