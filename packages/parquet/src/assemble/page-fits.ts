import type { ByteSource } from '@tidegate/core'

import type { LeafColumn } from '../footer.ts'
import { checkPageBody, overLimit } from '../pages/check-page.ts'
import type { Page } from '../pages/page.ts'
import type { PageLimits } from '../pages/page-limits.ts'

export interface FitRequest {
  readonly page: Page
  readonly leaf: LeafColumn
  readonly codec: number
  /** Of the chunk that the page would belong to. */
  readonly dictionary: Page | undefined
}

/** Whether a page can belong to a column. */
export type Fit =
  | {
      readonly kind: 'fits'
      /** Of a dictionary 0; of a nested column the rows that begin on the page. */
      readonly rows: number
      /** Its first value belongs to a row of the page before. */
      readonly continuesRow?: boolean
      /** Its values are not what the column's type promises, e.g. bytes that are no UTF-8 in a text. */
      readonly isOdd?: boolean
    }
  | {
      readonly kind: 'no'
      readonly because: string
      /** It cannot be unfolded with this codec, or its checksum is wrong: so it is for every column. */
      readonly isFolded?: boolean
    }

/** Answers are kept: columns of one type get the same, and so do other schemas for the same file. */
export interface PageFits {
  /** An answer that was found before, or follows from one. */
  readonly known: (request: FitRequest) => Fit | undefined
  readonly check: (request: FitRequest) => Promise<Fit>
}

export interface PageFitOptions {
  /** Lets known oddities of writers pass. @defaultValue true */
  readonly lenient?: boolean
  readonly limits?: Partial<PageLimits> | undefined
  readonly signal?: AbortSignal | undefined
}

/** Whether a page can belong to a column, by unfolding and checking all of it. Holds the body of one page. */
export function pageFits(source: ByteSource, options: PageFitOptions = {}): PageFits {
  const { lenient = true, limits } = options
  const answers = new Map<string, Fit>()
  /** Pages and codecs with which they cannot be unfolded, whatever the column. */
  const packedOtherwise = new Map<string, Fit>()
  let held: { readonly offset: number; readonly body: Uint8Array } | undefined
  return {
    known: (request) => answers.get(keyOf(request)) ?? packedOtherwise.get(codecKeyOf(request)),
    async check(request) {
      const { page, leaf, codec, dictionary } = request
      options.signal?.throwIfAborted()
      const tooLarge = overLimit(page, limits)
      if (tooLarge !== undefined) return { kind: 'no', because: tooLarge.message }
      if (held?.offset !== page.offset)
        held = { offset: page.offset, body: await source.read(page.offset + page.headerBytes, page.compressedBytes) }
      const check = checkPageBody(held.body, page, leaf, codec, {
        level: 'values',
        lenient,
        limits,
        dictionarySize: dictionary?.values,
      })
      const [first] = check.findings
      const answer: Fit =
        check.ok && check.rows !== undefined
          ? {
              kind: 'fits',
              rows: check.rows,
              continuesRow: check.continuesRow,
              isOdd: check.findings.some(({ code }) => code === 'PQ401'),
            }
          : {
              kind: 'no',
              because: first?.message ?? 'its rows cannot be counted',
              isFolded: UNFOLDING.has(first?.code ?? ''),
            }
      if (answer.kind === 'no' && answer.isFolded === true) packedOtherwise.set(codecKeyOf(request), answer)
      answers.set(keyOf(request), answer)
      return answer
    },
  }
}

/** A wrong codec, bytes that it cannot unfold, or not to the size in the header: the column has no part in it. */
const UNFOLDING: ReadonlySet<string> = new Set(['PQ213', 'PQ303', 'PQ304', 'PQ305'])

/** What of a column decides whether a page fits. */
export function typeKeyOf({
  physicalType,
  typeLength,
  maxDefinitionLevel,
  maxRepetitionLevel,
  text,
}: LeafColumn): string {
  return `${physicalType}.${typeLength ?? ''}.${maxDefinitionLevel}.${maxRepetitionLevel}.${text === true ? 't' : ''}`
}

function keyOf({ page, leaf, codec, dictionary }: FitRequest): string {
  return `${page.offset}/${typeKeyOf(leaf)}/${codec}/${dictionary?.values ?? ''}`
}

function codecKeyOf({ page, codec }: FitRequest): string {
  return `${page.offset}/${codec}`
}
