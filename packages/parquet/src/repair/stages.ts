/**
 * The stages of a plan hand on what they know of the file to be. Each is planned on a view: the file as it would be after
 * the stages before it (`viewOf`), so none knows of the others' work.
 *
 *   planContainer → planFooter → planPages
 *                              ↘ planLostFooter
 */
import type { Finding } from '@tidegate/core'

import type { Confidence } from '../assemble/judge-confidence.ts'
import type { SchemaSource } from '../assemble/schema-sources.ts'
import type { ParquetFooter } from '../footer.ts'
import type { Piece } from '../source/pieces.ts'
import type { TypedStruct } from '../thrift/thrift-value.ts'
import type { LossEntry, RepairedRowGroup, RepairStep } from './plan.ts'

/** Wrappings, ends, joins: what can be said without knowing the pages. */
export type ContainerPlan =
  /** `pieces` in terms of the source; no steps: the whole source as it is. */
  | {
      readonly kind: 'view'
      readonly pieces: readonly Piece[]
      readonly steps: readonly RepairStep[]
      readonly findings: readonly Finding[]
      /** What looks like a footer belongs to a file that is a value of this one. */
      readonly hasNoFooter?: true
    }
  /** The file is inside; it has to be unpacked first. */
  | {
      readonly kind: 'wrapped'
      readonly packed: 'gzip' | 'zstd' | 'zip'
      readonly step: RepairStep
      readonly findings: readonly Finding[]
    }
  | { readonly kind: 'refused'; readonly findings: readonly Finding[]; readonly because: string }

/** The footer as it should be, or the knowledge that there is none. Offsets are those of the view. */
export type FooterPlan =
  | {
      readonly kind: 'footer'
      readonly footer: ParquetFooter
      /** Type-preserving, with all corrections; what a plan of pages patches further. */
      readonly tree: TypedStruct
      /** Steps that changed `tree`, or that need the footer to be written anew. Empty: bytes of the view are as they should be. */
      readonly steps: readonly RepairStep[]
      readonly findings: readonly Finding[]
    }
  /** Lost, cut, or not to be believed: rows can come back only by a walk over the pages. */
  | { readonly kind: 'lost'; readonly findings: readonly Finding[] }
  | { readonly kind: 'refused'; readonly findings: readonly Finding[]; readonly because: string }

/** What the pages need. `pieces`: the whole new file in terms of the view, footer included. */
export type PagesPlan =
  | { readonly kind: 'intact'; readonly rowGroups: readonly RepairedRowGroup[]; readonly findings: readonly Finding[] }
  | {
      readonly kind: 'patched'
      readonly pieces: readonly Piece[]
      readonly steps: readonly RepairStep[]
      readonly rowGroups: readonly RepairedRowGroup[]
      readonly loss: readonly LossEntry[]
      /** Rows of the patched file to be left out by a rewrite (`drop-rows`), [first, end). */
      readonly dropRows: readonly (readonly [number, number])[]
      readonly findings: readonly Finding[]
    }
  | { readonly kind: 'refused'; readonly findings: readonly Finding[]; readonly because: string }

/** A file whose rows were found by walking over its pages. `pieces` in terms of the view. */
export interface LostFooterPlan {
  readonly kind: 'salvaged' | 'refused'
  readonly because?: string | undefined
  readonly pieces: readonly Piece[]
  readonly steps: readonly RepairStep[]
  readonly schemaFrom: SchemaSource['from']
  readonly confidence: Confidence | 'rejected'
  readonly evidence: readonly string[]
  readonly doubts: readonly string[]
  readonly rowGroups: readonly RepairedRowGroup[]
  readonly loss: readonly LossEntry[]
  /** Undefined: nothing says how many there were. */
  readonly rowsLost: number | undefined
  /** Rows of the salvaged file to be left out by a rewrite (`drop-rows`), [first, end). */
  readonly dropRows?: readonly (readonly [number, number])[] | undefined
  readonly findings: readonly Finding[]
}
