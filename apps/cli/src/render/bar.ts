/**
 * The line of one stage at work. Pure: the state says what was done and when, the caller owns clock and stream.
 */
import { formatBytes, formatCount, formatDuration, formatRate } from './format.ts'
import { safeText } from './safe-text.ts'
import { padText, textWidth, truncateText } from './text-width.ts'

/** Work done or to be done. A unit that is undefined is not counted in this stage. */
export interface Amounts {
  readonly files?: number | undefined
  readonly rows?: number | undefined
  readonly bytes?: number | undefined
}

export interface BarState {
  readonly name: string
  readonly startedAtMs: number
  readonly nowMs: number
  readonly done: Amounts
  readonly total: Amounts
  /** Exponentially weighted, per second; null until enough time passed to tell. */
  readonly rate: { readonly [unit in keyof Amounts]-?: number | null }
}

export const NO_RATE: BarState['rate'] = { files: null, rows: null, bytes: null }

/** Newer work counts more: what was measured this long ago weighs 1/e. */
const MEMORY_MS = 5000

/** The weighted rate after `elapsedMs` more in which `added` of a unit was done. */
export function advanceRate(rate: number | null, added: number, elapsedMs: number): number | null {
  if (elapsedMs <= 0) return rate
  const now = Math.max(0, added) / (elapsedMs / 1000)
  if (rate === null) return now
  const weight = 1 - Math.exp(-elapsedMs / MEMORY_MS)
  return rate + (now - rate) * weight
}

/** Share done, 0 to 1, by the finest unit whose total is known; null where none is. */
export function shareDone(state: Pick<BarState, 'done' | 'total'>): number | null {
  const unit = leadingUnit(state)
  if (unit === undefined) return null
  return Math.min(1, Math.max(0, (state.done[unit] ?? 0) / (state.total[unit] ?? 1)))
}

/** Milliseconds left at the weighted rate, or null where it cannot be told. */
export function timeLeftMs(state: Pick<BarState, 'done' | 'total' | 'rate'>): number | null {
  const unit = leadingUnit(state)
  if (unit === undefined) return null
  const rate = state.rate[unit]
  if (rate === null || rate <= 0) return null
  return Math.max(0, ((state.total[unit] ?? 0) - (state.done[unit] ?? 0)) / rate) * 1000
}

/** `120/840 files · 1,234,567 rows · 850,000 rows/s · 12.0 s left`. */
export function describeProgress(state: BarState): string {
  const left = timeLeftMs(state)
  const parts = [
    amountText(state, 'files', formatCount),
    amountText(state, 'rows', formatCount),
    state.done.rows === undefined && state.total.rows === undefined ? amountText(state, 'bytes', formatBytes) : '',
    rateText(state),
    left === null ? formatDuration(state.nowMs - state.startedAtMs) : `${formatDuration(left)} left`,
  ]
  return parts.filter((part) => part !== '').join(' · ')
}

const NAME_WIDTH = 18
const BAR_MIN = 8
const BAR_MAX = 30

/** One line of at most `width` cells, without colours or newline. The bar gives way first, then the text is cut. */
export function renderBar(state: BarState, width: number): string {
  const name = padText(truncateText(safeText(state.name), NAME_WIDTH, 'middle'), NAME_WIDTH)
  const text = describeProgress(state)
  const share = shareDone(state)
  const room = Math.min(BAR_MAX, width - NAME_WIDTH - textWidth(text) - 4)
  if (share === null || room < BAR_MIN) return truncateText(`${name}  ${text}`, width).trimEnd()
  return truncateText(`${name}  ${drawBar(share, room)}  ${text}`, width)
}

function drawBar(share: number, width: number): string {
  // Full only when everything is done.
  const filled = Math.floor(share * width)
  return '━'.repeat(filled) + '─'.repeat(width - filled)
}

function leadingUnit(state: Pick<BarState, 'total'>): keyof Amounts | undefined {
  const units = ['bytes', 'rows', 'files'] as const
  return units.find((unit) => (state.total[unit] ?? 0) > 0)
}

function amountText(state: BarState, unit: keyof Amounts, format: (value: number) => string): string {
  const done = state.done[unit]
  const total = state.total[unit]
  if (done === undefined && total === undefined) return ''
  const count = total === undefined ? format(done ?? 0) : `${format(done ?? 0)}/${format(total)}`
  if (unit === 'bytes') return count
  return `${count} ${(total ?? done) === 1 ? unit.slice(0, -1) : unit}`
}

function rateText(state: BarState): string {
  const unit = (['rows', 'bytes', 'files'] as const).find((candidate) => state.rate[candidate] !== null)
  return unit === undefined ? '' : formatRate(state.rate[unit], unit)
}
