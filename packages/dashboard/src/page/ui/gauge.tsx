import type { Health } from '@tidegate/monitor'
import type { JSX } from 'preact'

const [WIDTH, HEIGHT, STROKE] = [96, 66, 11]
const [CENTRE_X, CENTRE_Y, RADIUS] = [WIDTH / 2, 50, 42]
/** Degrees, clockwise from the right: from lower left over the top to lower right. */
const [FROM, SPAN] = [160, 220]

/** An arc without numbers: the number stands beside it as text. Plain SVG, so that it is there with the first frame. */
export function Gauge({
  value,
  max,
  tone,
  threshold,
  summary,
}: {
  /** 0 to `max`; null shows an empty arc. */
  value: number | null
  max: number
  tone: Health
  /** Where the value should be, if that is known. */
  threshold: number | null
  summary: string
}): JSX.Element {
  const share = value === null ? 0 : shareOf(value, max)
  return (
    <svg class={`gauge-arc ${tone}`} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={summary}>
      <path d={arcPath(0, 1)} class="track" stroke-width={STROKE} />
      {share > 0 ? <path d={arcPath(0, share)} class="progress" stroke-width={STROKE} /> : null}
      {threshold === null || max <= 0 ? null : <path d={tickPath(shareOf(threshold, max))} class="threshold" />}
    </svg>
  )
}

function shareOf(value: number, max: number): number {
  return max <= 0 ? 0 : Math.min(1, Math.max(0, value / max))
}

/** From one share of the arc to another. */
export function arcPath(from: number, to: number): string {
  const isLarge = (to - from) * SPAN > 180 ? 1 : 0
  return `M${pointAt(from, RADIUS)} A${RADIUS} ${RADIUS} 0 ${isLarge} 1 ${pointAt(to, RADIUS)}`
}

function tickPath(at: number): string {
  return `M${pointAt(at, RADIUS - STROKE / 2 - 2)} L${pointAt(at, RADIUS + STROKE / 2 + 2)}`
}

function pointAt(share: number, radius: number): string {
  const angle = ((FROM + share * SPAN) * Math.PI) / 180
  return `${(CENTRE_X + radius * Math.cos(angle)).toFixed(2)} ${(CENTRE_Y + radius * Math.sin(angle)).toFixed(2)}`
}
