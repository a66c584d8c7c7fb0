import { useSignal } from '@preact/signals'
import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { bindFormats } from '../charts/bind-formats.ts'
import type { Option } from '../charts/option.ts'
import { PALETTES, type Palette } from '../charts/palette.ts'
import { address, go, hrefWith } from '../state/app.ts'
import { reducedMotion, theme } from '../state/theme.ts'
import type { Span } from './card.tsx'
import { drawLater } from './draw-later.ts'
import { init, type ECharts } from './echarts.ts'

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
  const shown = address.value.params.getAll('table')
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

/** A chart without a frame, beside text that says the same. */
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
  const width = useSignal(0)
  const renderer = points > CANVAS_POINTS ? 'canvas' : 'svg'

  useEffect(() => {
    const { current } = element
    if (current === null) return
    const made = init(current, null, { renderer, height })
    chart.current = made
    made.on('click', (event) => follow(event.data))
    made.on('brushEnd', (event) => {
      const [from, to] = brushedRange(event)
      if (from !== undefined && to !== undefined) range.current?.(from, to)
    })
    width.value = current.clientWidth
    const observer = new ResizeObserver(() => {
      if (current.clientWidth === width.value) return
      made.resize()
      width.value = current.clientWidth
    })
    observer.observe(current)
    return () => {
      observer.disconnect()
      made.dispose()
      chart.current = undefined
    }
  }, [renderer, height])

  const draw = (): void => {
    const { current } = chart
    if (current === undefined) return
    const made = bindFormats(option(PALETTES[theme.value], summary, current.getWidth()))
    current.setOption({ ...made, animation: !reducedMotion.value && points < CANVAS_POINTS }, { notMerge: true })
    if (range.current !== undefined) {
      current.dispatchAction({
        type: 'takeGlobalCursor',
        key: 'brush',
        brushOption: { brushType: 'lineX', brushMode: 'single' },
      })
    }
  }
  useEffect(() => {
    const top = element.current?.getBoundingClientRect().top ?? 0
    if (top > innerHeight) return drawLater(draw)
    draw()
    return undefined
  }, [option, summary, theme.value, reducedMotion.value, width.value, renderer, height])

  return <div ref={element} class="chart" style={{ height: `${height}px` }} role="img" aria-label={summary} />
}

/** Points that know the rows behind them lead there. */
function follow(data: unknown): void {
  if (typeof data !== 'object' || data === null || !('href' in data)) return
  if (typeof data.href === 'string') go(data.href)
}

function brushedRange(event: unknown): readonly (number | undefined)[] {
  const areas = (event as { readonly areas?: readonly { readonly coordRange?: readonly number[] }[] }).areas
  const [from, to] = areas?.[0]?.coordRange ?? []
  return from !== undefined && to !== undefined && to - from > 60_000 ? [Math.round(from), Math.round(to)] : []
}
