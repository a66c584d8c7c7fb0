import type { ValueTest } from './value-test.ts'

/** What the worker is asked. One request at a time; each gets one answer. */
export type WorkerRequest =
  | { readonly kind: 'prepare'; readonly test: ValueTest }
  /** A part of the values of the test that was prepared last. */
  | { readonly kind: 'values'; readonly values: readonly string[] }

export type WorkerAnswer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'prepared' }
  /** Indices into the part. */
  | { readonly kind: 'tested'; readonly failing: readonly number[] }
  | { readonly kind: 'unusable'; readonly message: string }
