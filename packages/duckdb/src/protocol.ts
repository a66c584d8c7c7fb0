import type { QueryResult } from '@tidegate/core'
import type { EngineSettings } from './settings.ts'

/** What the parent says to the engine child. Sent with structured clone, so bigint, NaN and undefined survive. */
export type Request =
  | { readonly kind: 'start'; readonly settings: EngineSettings }
  | { readonly kind: 'open'; readonly id: number; readonly session: number }
  | { readonly kind: 'query'; readonly id: number; readonly session: number; readonly sql: string }
  | { readonly kind: 'interrupt'; readonly session: number }
  | { readonly kind: 'close'; readonly id: number; readonly session: number }

/** What the child answers. Every request with an `id` gets exactly one answer, unless the child dies. */
export type Answer =
  | { readonly kind: 'result'; readonly id: number; readonly result: QueryResult }
  | { readonly kind: 'done'; readonly id: number }
  | {
      readonly kind: 'error'
      readonly id: number
      readonly code: string
      readonly message: string
      readonly hint: string | undefined
      readonly retryable: boolean
      readonly sql: string | undefined
    }
