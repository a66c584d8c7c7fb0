/**
 * Facts → one HTML file. The template is the page with nothing in it; this puts the data in, so that nothing in the data can
 * be taken for markup: `<` is written as an escape, and what is large goes in as base64 of gzip.
 */
import { stringifyJson } from '@tidegate/core'
import { overviewHtml } from './overview-html.ts'
import { withoutSamples, type ReportData } from './report-data.ts'
import { trimFacts } from './trim-facts.ts'

/** Where the template wants the data. Exactly once in it. */
export const DATA_SLOT = '<script type="application/json" id="report-data"></script>'

export interface ReportOptions extends Omit<ReportData, 'kind' | 'reportVersion' | 'samples' | 'trimmed'> {
  /** Values out of rows stay in; they are masked where the column is sensitive. @defaultValue false */
  readonly includeSamples?: boolean | undefined
  /** Lists are shortened until the file is no larger. @defaultValue 5,000,000 */
  readonly budgetBytes?: number | undefined
}

export interface WrittenReport {
  readonly html: string
  /** Of the file in UTF-8. May be above the budget where shorter lists did not help. */
  readonly bytes: number
  /** Of the data before packing. */
  readonly dataBytes: number
  /** What was left out for the budget, in words; the page says it too. */
  readonly trimmed: readonly string[]
}

const BUDGET_BYTES = 5_000_000
/** Plain JSON up to here: a small report can be read with an editor. */
const PLAIN_BYTES = 256 * 1024

/** Fills the template. Nothing is read or written. Throws a RangeError where the template has no place for the data. */
export async function writeReport(template: string, options: ReportOptions): Promise<WrittenReport> {
  const { includeSamples = false, budgetBytes = BUDGET_BYTES, facts, ...about } = options
  const data: ReportData = {
    kind: 'tidegate-report',
    reportVersion: 1,
    ...about,
    samples: includeSamples ? 'masked' : 'none',
    facts: includeSamples ? facts : withoutSamples(facts),
    trimmed: [],
  }
  const plain = overviewHtml(about.project, facts, about.context)
  const spaceBytes = budgetBytes - utf8Bytes(template) - utf8Bytes(plain)
  let packed = await pack(data)
  let trimmed = data
  for (let round = 1; packed.slot.length > spaceBytes; round++) {
    const shorter = trimFacts(data.facts, round)
    if (shorter === undefined) break
    trimmed = { ...data, facts: shorter.facts, trimmed: shorter.notes }
    packed = await pack(trimmed)
  }
  const html = fillTemplate(template, plain + packed.slot)
  return { html, bytes: utf8Bytes(html), dataBytes: packed.dataBytes, trimmed: trimmed.trimmed }
}

function fillTemplate(template: string, slot: string): string {
  const parts = template.split(DATA_SLOT)
  if (parts.length !== 2) throw new RangeError('the template has not exactly one place for the data')
  return parts.join(slot)
}

async function pack(data: ReportData): Promise<{ readonly slot: string; readonly dataBytes: number }> {
  const json = escapeJson(stringifyJson(data))
  const dataBytes = utf8Bytes(json)
  if (dataBytes <= PLAIN_BYTES) return { slot: slotOf('json', json), dataBytes }
  return { slot: slotOf('gzip', base64(await gzip(json))), dataBytes }
}

function slotOf(encoding: 'json' | 'gzip', text: string): string {
  return `<script type="application/json" id="report-data" data-encoding="${encoding}">${text}</script>`
}

/** Also for `<!--` and `<script`, which end or nest a script element as `</script` does. */
function escapeJson(json: string): string {
  return json.replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

async function gzip(text: string): Promise<Uint8Array> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}

function base64(bytes: Uint8Array): string {
  let text = ''
  // A multiple of 3, so that no padding comes in the middle.
  for (let at = 0; at < bytes.length; at += 24_576)
    text += btoa(String.fromCharCode(...bytes.subarray(at, at + 24_576)))
  return text
}

function utf8Bytes(text: string): number {
  return new TextEncoder().encode(text).length
}
