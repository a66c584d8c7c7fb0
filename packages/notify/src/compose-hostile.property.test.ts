/** Names that want to be more than names, in every field of a notice and in every channel. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { composeEmail } from './email/compose-email.ts'
import type { Notice, NoticeSection } from './notice.ts'
import { composeSlack } from './slack/compose-slack.ts'
import { composeCard, type CardElement } from './teams/compose-card.ts'
import { oneLine } from './plain-text.ts'

const NASTY: readonly string[] = [
  '<!channel> <!here> <@U0123> <#C0123|general> <https://evil.example|click>',
  '@here @channel https://evil.example/',
  '*bold* _it_ ~gone~ `code` ```block```',
  '> quoted',
  '1. one\n- two',
  '[link](https://evil.example) ![x](https://evil.example/x.png)',
  '<at>everyone</at> {{DATE(2026-11-21T00:00:00Z)}}',
  '<script>alert(1)</script><img src=x onerror=alert(1)>',
  '"><a href="javascript:1">x</a>',
  "' style='position:fixed",
  '&lt;b&gt; &#60;b&#62;',
  'a\r\nBcc: evil@example.com\r\n\r\nbody',
  'a\u0000b\u001b[2Jc\u2028d',
  '\u202egpj.exe\u202c \u2066left\u2069',
  'עברית العربية',
  '👩‍👩‍👧‍👦🏳️‍🌈'.repeat(800),
  '\ud800 alone \udc00',
  'x'.repeat(10_000),
  '&'.repeat(10_000),
  '`'.repeat(10_000),
  '\\'.repeat(10_000),
  '𝕏'.repeat(10_000),
  '',
  ' ',
]

/** As they are composed: nothing is in a notice that did not go through `oneLine`. */
const word = fc
  .oneof(fc.constantFrom(...NASTY), fc.string({ unit: 'binary', maxLength: 400 }), fc.string({ maxLength: 40 }))
  .map((text) => oneLine(text))
const words = fc.array(word, { maxLength: 10 })
const severity = fc.constantFrom('critical' as const, 'warning' as const, 'info' as const)

const section: fc.Arbitrary<NoticeSection> = fc.record({
  alert: fc.constant('al-0'),
  kind: fc.constant('gate_failed' as const),
  state: fc.constantFrom('firing' as const, 'resolved' as const, 'news' as const),
  severity,
  source: word,
  dataset: fc.option(word),
  title: word,
  lines: words,
  members: fc.array(fc.record({ name: word, detail: word }), { maxLength: 10 }),
  more: fc.nat(),
  commands: fc.array(word, { maxLength: 4 }),
})

const notice: fc.Arbitrary<Notice> = fc.record({
  key: fc.constant('tg_1'),
  event: fc.constant('alerts' as const),
  status: fc.constantFrom('firing' as const, 'resolved' as const, 'news' as const),
  severity,
  title: word,
  sections: fc.array(section, { maxLength: 20 }),
  more: fc.nat(),
  counts: fc.constant({ firing: 1, resolved: 0 }),
  labels: fc.dictionary(fc.constantFrom('source', 'run', 'group'), word),
  at: fc.constant('2026-11-21T12:00:00.000Z'),
})

const RUNS = { seed: 23, numRuns: 25 }
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/ // oxlint-disable-line no-control-regex -- what this looks for

test('Slack: 50 blocks, 150 characters of header, 3,000 of a text, 12,000 in all; no link, no mention, no bold of others', () => {
  fc.assert(
    fc.property(notice, (one) => {
      const { text, blocks } = composeSlack(one)
      expect(blocks.length).toBeLessThanOrEqual(50)
      let all = text.length
      const marked = [text]
      for (const block of blocks) {
        const shown = block.type === 'context' ? block.elements : [block.text]
        for (const each of shown) {
          expect(each.text.length).toBeGreaterThan(0)
          expect(each.text.length).toBeLessThanOrEqual(block.type === 'header' ? 150 : 3000)
          all += each.text.length
          if (each.type !== 'mrkdwn') continue
          expect(each.verbatim).toBe(true)
          marked.push(each.text)
        }
      }
      expect(all).toBeLessThanOrEqual(12_000)
      for (const each of marked) {
        expect(each.isWellFormed()).toBe(true)
        expect(each).not.toMatch(CONTROL)
        // Every angle bracket and ampersand is an entity: nothing of Slack's own syntax is left.
        expect(each.replaceAll(/&(?:amp|lt|gt);/g, '')).not.toMatch(/[<>&]/)
      }
    }),
    RUNS,
  )
})

test('Teams: below 28 KB, and whatever could be Markdown is escaped', () => {
  const textsOf = (element: CardElement): readonly string[] =>
    element.type === 'TextBlock' ? [element.text] : element.facts.flatMap(({ title, value }) => [title, value])
  fc.assert(
    fc.property(notice, (one) => {
      const card = composeCard(one)
      expect(Buffer.byteLength(JSON.stringify(card))).toBeLessThan(28 * 1024)
      for (const text of card.attachments[0].content.body.flatMap(textsOf)) {
        expect(text).not.toMatch(CONTROL)
        const unescaped = text.replaceAll(/\\[\\`*_[\]()#~+>.-]/g, 'x')
        expect(unescaped).not.toMatch(/[`*_[\]()#~]/)
        expect(unescaped).not.toMatch(/^\s*(?:[-+>]|\d+\.)/)
      }
    }),
    RUNS,
  )
})

test('mail: a subject of one line, no tag and no attribute but ours, no address that is called', () => {
  fc.assert(
    fc.property(notice, (one) => {
      const { subject, text, html } = composeEmail(one, '')
      expect(Array.from(subject).length).toBeLessThanOrEqual(200)
      expect(subject).not.toMatch(/[\r\n]/)
      for (const each of [subject, text, html]) {
        expect(each).not.toMatch(CONTROL)
        expect(each.isWellFormed()).toBe(true)
      }
      for (const [tag] of html.matchAll(/<[^>]*>/g)) expect(OURS.test(tag), tag).toBe(true)
      // What remains without the tags has no quote that could end an attribute either.
      expect(html.replaceAll(OURS_ALL, '')).not.toMatch(/[<>"']/)
    }),
    RUNS,
  )
})

const TAG =
  String.raw`<(?:!doctype html|/?(?:html|head|body|table|tr|td|strong|span|div|ul|li|code|pre|meta)` +
  String.raw`(?: (?:lang|charset|style|role|width|cellpadding|cellspacing)="[^"<>]*")*)>`
const OURS = new RegExp(`^${TAG}$`)
const OURS_ALL = new RegExp(TAG, 'g')
