import { useSignal } from '@preact/signals'
import type { ComponentChildren, JSX } from 'preact'
import { useId, useLayoutEffect, useRef } from 'preact/hooks'
import { bindFormats } from '../charts/bind-formats.ts'
import type { Option } from '../charts/option.ts'
import { PALETTES, type Palette } from '../charts/palette.ts'
import { go, hrefWith } from '../state/app.ts'
import { inTurn } from '../state/in-turn.ts'
import { useShown } from '../state/shown.ts'
import { reducedMotion, theme } from '../state/theme.ts'
import type { Span } from './card.tsx'
import { dragRange } from './drag-range.ts'
import { init, type ECharts } from './echarts.ts'
import { whenNear } from './near.ts'

export interface ChartProps {
  readonly title: string
  /** One sentence that says what the chart shows; also what a screen reader hears. */
  readonly summary: string
  readonly option: (palette: Palette, summary: string, width: number) => Option
  /** The same numbers as a table. */
  readonly table: ComponentChildren
  readonly height?: number | undefined
  readonly span?: Span | undefined
  /** Many points are drawn on a canvas. */
  readonly points?: number | undefined
  /** A stretch of the time axis was marked. */
  readonly onRange?: ((sinceMs: number, untilMs: number) => void) | undefined
  readonly children?: ComponentChildren
}

/** A chart, its sentence, and its twin as a table. Which of the two is seen is in the address (`table=…`). */
export function Chart(props: ChartProps): JSX.Element {
  const { title, summary, table, span = 12, height = 240, children } = props
  const id = useId()
  const key = title.toLowerCase().replace(/[^a-z0-9]+/g, '-')
  const { address } = useShown()
  const shown = address.params.getAll('table')
  const asTable = shown.includes(key)
  const next = asTable ? shown.filter((name) => name !== key) : [...shown, key]
  return (
    <figure class={`card span-${span}`} aria-labelledby={`${id}-title`} aria-describedby={`${id}-summary`}>
      <div class="card-head">
        <div>
          <h2 id={`${id}-title`}>{title}</h2>
          <p id={`${id}-summary`}>{summary}</p>
        </div>
        <button
          type="button"
          aria-pressed={asTable}
          aria-label={asTable ? `Show ${title} as chart` : `Show ${title} as table`}
          onClick={() => go(hrefWith({ table: next }), 'replace')}
        >
          {asTable ? 'Chart' : 'Table'}
        </button>
      </div>
      {children}
      {asTable ? table : <Canvas {...props} height={height} />}
    </figure>
  )
}

/** More than these are painted; fewer are drawn, and stay sharp. */
const CANVAS_POINTS = 600
/** More than these do not move into place. */
const ANIMATED_POINTS = 200

/** A chart without a frame, beside text that says the same. Drawn in its turn, and when somebody comes near. */
export function Canvas({
  option,
  summary,
  height,
  points = 0,
  onRange,
}: Pick<ChartProps, 'option' | 'summary' | 'points' | 'onRange'> & { height: number }): JSX.Element {
  const element = useRef<HTMLDivElement>(null)
  const chart = useRef<ECharts | undefined>(undefined)
  const range = useRef(onRange)
  range.current = onRange
  const drawnWidth = useRef(0)
  const resized = useSignal(0)
  const renderer = points > CANVAS_POINTS ? 'canvas' : 'svg'

  useLayoutEffect(() => {
    const { current } = element
    if (current === null) return
    const observer = new ResizeObserver(() => {
      if (chart.current === undefined || current.clientWidth === drawnWidth.current) return
      chart.current.resize()
      resized.value += 1
    })
    observer.observe(current)
    const endDrag =
      range.current === undefined
        ? undefined
        : dragRange(
            current,
            () => chart.current,
            (sinceMs, untilMs) => range.current?.(sinceMs, untilMs),
          )
    return () => {
      observer.disconnect()
      endDrag?.()
      const { current: made } = chart
      chart.current = undefined
      if (made !== undefined) inTurn('rest', () => made.dispose())
    }
  }, [renderer, height])

  useLayoutEffect(() => {
    const { current } = element
    if (current === null) return
    const draw = (): void => {
      chart.current ??= open(current, renderer, height)
      drawnWidth.current = chart.current.getWidth()
      const made = bindFormats(option(PALETTES[theme.peek()], summary, drawnWidth.current))
      const animation = !reducedMotion.peek() && points <= ANIMATED_POINTS
      chart.current.setOption({ ...made, animation }, { notMerge: true })
    }
    let endTurn: (() => void) | undefined
    const endNear = whenNear(current, () => {
      endTurn = inTurn('chart', draw)
    })
    return () => {
      endNear()
      endTurn?.()
    }
  }, [option, summary, theme.value, reducedMotion.value, resized.value, renderer, height])

  return (
    <div
      // Another way to draw begins with another element.
      key={`${renderer} ${height}`}
      ref={element}
      class="chart"
      style={{ height: `${height}px` }}
      role="img"
      aria-label={summary}
    />
  )
}

function open(element: HTMLElement, renderer: 'canvas' | 'svg', height: number): ECharts {
  const made = init(element, null, { renderer, height })
  made.on('click', (event) => follow(event.data))
  return made
}

/** Points that know the rows behind them lead there. */
function follow(data: unknown): void {
  const href: unknown = Array.isArray(data)
    ? data.at(2)
    : (data as { readonly href?: unknown } | null | undefined)?.href
  if (typeof href === 'string') go(href)
}
