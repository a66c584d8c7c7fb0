import type { ECharts } from './echarts.ts'

/** Less than this is a click that trembled. */
const LEAST_PIXELS = 6
const LEAST_MS = 60_000

/** A drag over the plot marks a stretch of its time axis. Returns what takes the ability away. */
export function dragRange(
  element: HTMLElement,
  chart: () => ECharts | undefined,
  onRange: (sinceMs: number, untilMs: number) => void,
): () => void {
  let fromX: number | undefined
  let mark: HTMLElement | undefined
  const xOf = (event: PointerEvent): number => event.clientX - element.getBoundingClientRect().left
  const down = (event: PointerEvent): void => {
    const x = xOf(event)
    const y = event.clientY - element.getBoundingClientRect().top
    if (event.button === 0 && chart()?.containPixel({ gridIndex: 0 }, [x, y]) === true) fromX = x
  }
  const move = (event: PointerEvent): void => {
    if (fromX === undefined) return
    const x = xOf(event)
    if (mark === undefined && Math.abs(x - fromX) < LEAST_PIXELS) return
    mark ??= element.appendChild(document.createElement('div'))
    mark.className = 'range-mark'
    mark.style.left = `${Math.min(x, fromX)}px`
    mark.style.width = `${Math.abs(x - fromX)}px`
  }
  const up = (event: PointerEvent): void => {
    const [from, isDrag] = [fromX, mark !== undefined]
    cancel()
    if (from === undefined || !isDrag) return
    const [since, until] = [from, xOf(event)]
      .toSorted((a, b) => a - b)
      .map((x) => Number(chart()?.convertFromPixel({ xAxisIndex: 0 }, x)))
    if (since !== undefined && until !== undefined && until - since > LEAST_MS)
      onRange(Math.round(since), Math.round(until))
  }
  const cancel = (): void => {
    fromX = undefined
    mark?.remove()
    mark = undefined
  }
  element.addEventListener('pointerdown', down)
  addEventListener('pointermove', move)
  addEventListener('pointerup', up)
  addEventListener('pointercancel', cancel)
  return () => {
    cancel()
    element.removeEventListener('pointerdown', down)
    removeEventListener('pointermove', move)
    removeEventListener('pointerup', up)
    removeEventListener('pointercancel', cancel)
  }
}
