/**
 * Many who ask the same at the same time get one answer: what is read is worked out once, and given to all who ask within
 * `freshMs`. A hundred pages that poll cost as much as one.
 *
 *   (1) Who changed something sees it: any change through this server ends what is shared.            [forget]
 *   (2) Only who may see the same shares: the caller's scope is part of what was asked.               [share]
 *   (3) A failure is given to those who wait for it, and to nobody later.                            [share]
 */
import type { RouteReply } from './route.ts'

export interface SharedAnswers {
  /** The answer to this question, worked out unless somebody just did. */
  share(question: string, work: () => Promise<RouteReply>): Promise<RouteReply>
  /** From here on everything is worked out anew. */
  forget(): void
}

/** Beyond so many different questions within one moment the oldest are forgotten. */
const MOST = 500

/** @param freshMs - How old an answer may be; 0: nothing is shared. */
export function shareAnswers(freshMs: number, nowMs: () => number = () => performance.now()): SharedAnswers {
  const known = new Map<string, { readonly untilMs: number; readonly answer: Promise<RouteReply> }>()
  return {
    async share(question, work) {
      if (freshMs <= 0) return work()
      const now = nowMs()
      const shared = known.get(question)
      if (shared !== undefined && shared.untilMs > now) return shared.answer
      const entry = { untilMs: now + freshMs, answer: work() }
      known.delete(question)
      known.set(question, entry)
      for (const oldest of known.keys())
        if (known.size > MOST || isOver(oldest, now)) known.delete(oldest)
        else break
      entry.answer.catch(() => {
        if (known.get(question) === entry) known.delete(question)
      })
      return entry.answer
    },
    forget: () => known.clear(),
  }

  function isOver(question: string, now: number): boolean {
    const entry = known.get(question)
    return entry !== undefined && entry.untilMs <= now
  }
}
