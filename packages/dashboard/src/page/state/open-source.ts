import { effect } from '@preact/signals'
import type { DataSource } from '../source/data-source.ts'
import { address, announce, connected, go, loading, paused, problem, readLocation, report, source } from './app.ts'
import { WINDOWS } from './filter.ts'
import { beginAnswer } from './in-turn.ts'

/** How often a live page asks anew at most. */
const THROTTLE_MS = 10_000

/** Connects the page to where its data comes from: reads it, and on a server reads it again when something changed. */
export async function openSource(opened: DataSource): Promise<void> {
  source.value = opened
  readLocation()
  addEventListener('popstate', readLocation)
  addEventListener('hashchange', readLocation)
  if (opened.host === 'server') document.addEventListener('click', followInside)
  await load(opened)
  if (opened.host === 'server') watch(opened)
}

async function load(opened: DataSource): Promise<void> {
  loading.value = true
  try {
    const read = await opened.load(wantedWindow())
    beginAnswer()
    report.value = read
    problem.value = undefined
  } catch (error) {
    problem.value = error instanceof Error ? error.message : String(error)
  } finally {
    loading.value = false
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
  let lastMs = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  const refresh = (): void => {
    timer = undefined
    if (paused.value) return
    lastMs = Date.now()
    void load(opened).then(() => announce('Updated'))
  }
  const later = (): void => {
    timer ??= setTimeout(refresh, Math.max(0, lastMs + THROTTLE_MS - Date.now()))
  }
  opened.watch(later, (isConnected) => (connected.value = isConnected))
  let resumed = paused.value
  effect(() => {
    if (resumed && !paused.value) later()
    resumed = paused.value
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
