import { effect } from '@preact/signals'
import { SignInNeeded, type DataSource } from '../source/data-source.ts'
import {
  address,
  announce,
  connected,
  go,
  loading,
  moves,
  needsSignIn,
  paused,
  problem,
  readLocation,
  report,
  source,
} from './app.ts'
import { atMostEvery } from './at-most-every.ts'
import { WINDOWS } from './filter.ts'
import { beginAnswer } from './in-turn.ts'

/** How often a live page asks anew at most, and for how much of the time. */
const THROTTLE_MS = 2000
const SHARE = 0.2
/** Who listens is not told more often. */
const TOLD_MS = 10_000

/** Connects the page to where its data comes from: reads it, and on a server reads it again when something changed. */
export async function openSource(opened: DataSource): Promise<void> {
  source.value = opened
  readLocation()
  addEventListener('popstate', readLocation)
  addEventListener('hashchange', readLocation)
  if (opened.host === 'server') document.addEventListener('click', followInside)
  await load(opened)
  // Who signs in begins anew.
  if (opened.host === 'server' && !needsSignIn.value) watch(opened)
}

let begun = 0
let shownOf = 0

/** An answer that comes after a later one's is not shown any more. */
async function load(opened: DataSource): Promise<void> {
  loading.value = true
  begun += 1
  const mine = begun
  try {
    const read = await opened.load(wantedWindow())
    if (mine < shownOf) return
    shownOf = mine
    beginAnswer()
    report.value = read
    problem.value = undefined
    needsSignIn.value = false
  } catch (error) {
    needsSignIn.value = error instanceof SignInNeeded
    problem.value = error instanceof Error ? error.message : String(error)
  } finally {
    if (mine === begun) loading.value = false
  }
}

/** Further back than what is there: only a server has that. Without a wish it decides itself. */
function wantedWindow(): { readonly sinceMs: number; readonly untilMs: number } | undefined {
  const { params } = address.value
  const nowMs = Date.now()
  const since = Date.parse(params.get('since') ?? '')
  const asked = WINDOWS.find(({ value }) => value === params.get('window'))
  const sinceMs = Number.isFinite(since) ? since : asked === undefined ? undefined : nowMs - asked.ms
  return sinceMs === undefined || sinceMs >= nowMs ? undefined : { sinceMs, untilMs: nowMs }
}

function watch(opened: DataSource): void {
  // What nobody looks at is read when somebody comes back.
  let isBehind = false
  let toldMs = Number.NEGATIVE_INFINITY
  const refresh = atMostEvery(
    (tookMs) => Math.max(THROTTLE_MS, tookMs / SHARE),
    async () => {
      isBehind = isUnseen()
      if (isBehind) return
      await load(opened)
      if (performance.now() - toldMs < TOLD_MS) return
      toldMs = performance.now()
      announce('Updated')
    },
  )
  // Short lists of what is under way do not wait for the whole history.
  const move = (): void => {
    if (isUnseen()) isBehind = true
    else moves.value += 1
  }
  const comeBack = (): void => {
    if (!isBehind) return
    refresh()
    move()
  }
  const change = (): void => {
    refresh()
    move()
  }
  opened.watch(change, (isConnected) => (connected.value = isConnected))
  document.addEventListener('visibilitychange', comeBack)
  effect(() => {
    if (!paused.value) comeBack()
  })
  let reach = Number.POSITIVE_INFINITY
  effect(() => {
    // A window that begins before what was read needs to be read; a narrower one does not.
    const wanted = wantedWindow()?.sinceMs
    const known = report.peek()?.facts.sinceMs ?? 0
    if (wanted !== undefined && wanted < known - 60_000 && wanted < reach) {
      reach = wanted
      void load(opened)
    }
  })
}

function isUnseen(): boolean {
  return paused.peek() || document.hidden
}

/** Links inside of the page change the address without asking the server for the page anew. */
function followInside(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return
  const link = event.target instanceof Element ? event.target.closest('a') : null
  const href = link?.getAttribute('href')
  if (link === null || href === null || href === undefined || !href.startsWith('/') || link.hasAttribute('download'))
    return
  event.preventDefault()
  go(href)
}
