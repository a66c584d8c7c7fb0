/**
 * Points of the protocol, in the order in which one batch passes them. Each is reported right after the effect it names,
 * so that a crash harness can die there and a progress line can say where the work is.
 */
export type MarkPhase =
  | 'staging-created'
  | 'part-written'
  | 'rejected-written'
  | 'original-copied'
  | 'settled'
  | 'sealed'
  | 'attempt-claimed'
  /** SQL targets: all rows are in the transaction. */
  | 'rows-copied'
  /** SQL targets: the entry too, nothing is committed. */
  | 'entry-inserted'
  | 'entry-temp-written'
  | 'entry-linked'
  | 'entry-durable'
  | 'retired-one'
  | 'published-one'
  | 'published'
  | 'recovered'

export type Mark = (phase: MarkPhase, detail?: Record<string, string>) => void

export const NO_MARK: Mark = () => undefined
