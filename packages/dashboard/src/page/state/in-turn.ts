/**
 * Work in slices: an answer is painted first, and what follows it never holds the page for long.
 *
 * What a change of the address brings is done at once as long as it fits into {@link FIRST_MS}; the rest comes one slice per
 * frame. Cards (text, numbers, tables) go before charts.
 */
import { signal } from '@preact/signals'

export type Kind = 'card' | 'chart' | 'rest'

type Work = () => void

/** From the change on: what fits in here is in the first frame. */
const FIRST_MS = 25
/** A slice ends with the work that reaches this. */
const SLICE_MS = 16

/** True until everything that was asked for is drawn. */
export const busy = signal(false)

const queues: Readonly<Record<Kind, Set<Work>>> = { card: new Set(), chart: new Set(), rest: new Set() }
let firstUntilMs = 0

/** Says that a person did something: the next slice belongs to the answer. */
export function beginAnswer(): void {
  firstUntilMs = performance.now() + FIRST_MS
}

/** Does it when its turn comes. Returns what calls it off. */
export function inTurn(kind: Kind, work: Work): () => void {
  queues[kind].add(work)
  if (!busy.peek()) {
    busy.value = true
    queueMicrotask(() => void run())
  }
  return () => queues[kind].delete(work)
}

async function run(): Promise<void> {
  let untilMs = firstUntilMs
  for (;;) {
    while (performance.now() < untilMs) {
      const work = take()
      if (work === undefined) {
        busy.value = false
        return
      }
      attempt(work)
      // What the work changed is rendered by a task that is in line before us.
      await Promise.resolve()
      await Promise.resolve()
    }
    await nextFrame()
    untilMs = performance.now() + SLICE_MS
  }
}

function take(): Work | undefined {
  for (const queue of [queues.card, queues.chart, queues.rest]) {
    for (const work of queue) {
      queue.delete(work)
      return work
    }
  }
  return undefined
}

/** One chart that breaks does not stop the others. */
function attempt(work: Work): void {
  try {
    work()
  } catch (error) {
    reportError(error)
  }
}

/** After the next frame is painted; a tab that is not seen paints none. */
function nextFrame(): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, 100)
    requestAnimationFrame(() => {
      clearTimeout(timer)
      setTimeout(resolve)
    })
  })
}
