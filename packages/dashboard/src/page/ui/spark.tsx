import type { JSX } from 'preact'

/** A line without axes: the shape of a figure's last days. Told in words by what stands beside it. */
export function Spark({
  values,
  width = 96,
  height = 24,
  from,
}: {
  values: readonly (number | null)[]
  width?: number
  height?: number
  /** Lowest value of the scale. @defaultValue the lowest of the values */
  from?: number
}): JSX.Element | null {
  const known = values.filter((value) => value !== null)
  if (known.length < 2) return <span class="muted small">no trend yet</span>
  const low = Math.min(from ?? Number.POSITIVE_INFINITY, ...known)
  const high = Math.max(...known)
  const x = (index: number): number => 2 + (index / Math.max(1, values.length - 1)) * (width - 4)
  const y = (value: number): number =>
    high === low ? height / 2 : height - 3 - ((value - low) / (high - low)) * (height - 6)
  const last = values.findLastIndex((value) => value !== null)
  const lastValue = values[last] ?? low
  return (
    <svg class="spark" width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      <path d={pathOf(values, x, y)} fill="none" stroke="currentColor" stroke-width="1.5" opacity="0.75" />
      <circle cx={x(last)} cy={y(lastValue)} r="2.2" fill="currentColor" />
    </svg>
  )
}

/** Joined over gaps: of a source with a file every other day one sees its course, and not dots. */
function pathOf(
  values: readonly (number | null)[],
  x: (index: number) => number,
  y: (value: number) => number,
): string {
  let step = 'M'
  return values
    .map((value, index) => {
      if (value === null) return ''
      const text = `${step}${x(index).toFixed(1)} ${y(value).toFixed(1)}`
      step = 'L'
      return text
    })
    .join('')
}
