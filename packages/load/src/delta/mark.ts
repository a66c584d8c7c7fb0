import type { MarkPhase } from '../mark.ts'

/** Steps that only this destination has; they come between `attempt-claimed` and `entry-temp-written`. */
export type DeltaPhase = MarkPhase | 'manifest-sealed' | 'part-placed'

/** A {@link Mark} that knows more phases. */
export type DeltaMark = (phase: DeltaPhase, detail?: Record<string, string>) => void
