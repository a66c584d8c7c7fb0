import type { SentError } from './errors.ts'

export interface ThreadOptions {
  readonly path: string
  readonly readOnly?: boolean | undefined
  readonly busyTimeoutMs?: number | undefined
}

/** The first message of a thread. */
export type ThreadReady =
  | {
      readonly kind: 'ready'
      readonly path: string
      readonly schemaVersion: number
      /** Of the state, by name. */
      readonly methods: readonly string[]
    }
  | { readonly kind: 'not-opened'; readonly error: SentError }
