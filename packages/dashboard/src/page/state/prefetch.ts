import { effect } from '@preact/signals'
import { MONITOR_SECTIONS } from '@tidegate/monitor'
import { busy } from './in-turn.ts'
import { shown, viewOf, type Narrowed } from './shown.ts'

/** When the page stands and nobody does anything, the views of the other pages are computed, one at a time. */
export function prefetchViews(): void {
  let round = 0
  effect(() => {
    const now = shown.value
    round += 1
    if (now === undefined || busy.value) return
    void computeIdly(
      now,
      (
        (mine) => () =>
          mine === round
      )(round),
    )
  })
}

async function computeIdly(now: Narrowed, isWanted: () => boolean): Promise<void> {
  for (const section of MONITOR_SECTIONS) {
    await idle()
    if (!isWanted()) return
    try {
      viewOf(section, now)
    } catch {
      // The page that needs it says so.
    }
  }
}

function idle(): Promise<unknown> {
  return new Promise((resolve) => {
    if ('requestIdleCallback' in globalThis) requestIdleCallback(resolve)
    else setTimeout(resolve, 50)
  })
}
