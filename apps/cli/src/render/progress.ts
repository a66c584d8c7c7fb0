/**
 * Progress on stderr: bars that redraw themselves on a terminal, heartbeat lines elsewhere, NDJSON on request.
 *
 * What holds:
 *   (1) at most 10 redraws a second, whatever `update` is called;   [due]
 *   (2) off a terminal at most one heartbeat per stage every 10 s;   [due]
 *   (3) the cursor is back and no bar is left when no stage is open, and when the process exits.   [leave]
 */
import { stringifyJson } from '@tidegate/core'
import { NO_RATE, advanceRate, describeProgress, renderBar, type Amounts, type BarState } from './bar.ts'
import { formatAmount, formatBytes, formatDuration } from './format.ts'
import { safeText } from './safe-text.ts'
import { plainStyle, type Style } from './style.ts'

export type { Amounts } from './bar.ts'

export type ProgressLevel = 'debug' | 'info' | 'warn' | 'error'
export type StageOutcome = 'ok' | 'warn' | 'bad'

export interface Progress {
  /** Opens a stage; stages may overlap. `total` says how much work is ahead, as far as it is known. */
  stage(name: string, total?: Amounts): Stage
  /** A line that stays, above the bars. `fields` are added to the NDJSON line. */
  message(level: ProgressLevel, text: string, fields?: Readonly<Record<string, unknown>>): void
  /** Takes away the bars of stages that nobody ended. Safe to call twice. */
  close(): void
}

export interface Stage {
  /** Amounts done so far (not since the last call). Never goes backwards on screen. */
  update(done: Amounts): void
  /** Corrects what is ahead. */
  setTotal(total: Amounts): void
  /** Closes the stage and leaves one line. @param summary what came out, e.g. `838 loaded, 2 held` */
  end(summary?: string, outcome?: StageOutcome): void
}

export interface ProgressOptions {
  /** Where to write; stderr. */
  readonly stream: { write(text: string): unknown; readonly columns?: number; readonly isTTY?: boolean | undefined }
  /** @defaultValue stream.isTTY */
  readonly isTTY?: boolean
  /** @defaultValue Date.now */
  readonly nowMs?: () => number
  /** @defaultValue 'text' */
  readonly format?: 'text' | 'json'
  /** Only warnings and errors. */
  readonly quiet?: boolean
  readonly style?: Style
  /** Calls `beat` again and again until the returned function is called. @defaultValue an unref'd interval */
  readonly every?: (intervalMs: number, beat: () => void) => () => void
}

const FRAME_MS = 100
const HEARTBEAT_MS = 10_000
const HIDE_CURSOR = '\u001b[?25l'
const SHOW_CURSOR = '\u001b[?25h'
const CLEAR_TO_END = '\u001b[0J'

interface OpenStage {
  readonly name: string
  readonly startedAtMs: number
  done: Amounts
  total: Amounts
  rate: BarState['rate']
  /** What was done, and when, at the last look at the rate. */
  sampled: { readonly atMs: number; readonly done: Amounts }
  heartbeatAtMs: number
}

/** Creates the progress display of one command. */
export function createProgress(options: ProgressOptions): Progress {
  const {
    stream,
    format = 'text',
    quiet = false,
    style = plainStyle,
    every = unrefInterval,
    nowMs = Date.now,
  } = options
  const bars = (options.isTTY ?? stream.isTTY === true) && format === 'text' && !quiet
  const open = new Set<OpenStage>()
  let drawnLines = 0
  let drawnAtMs = Number.NEGATIVE_INFINITY
  let stopBeat: (() => void) | undefined

  const progress: Progress = {
    stage(name, total = {}) {
      const atMs = nowMs()
      const stage: OpenStage = {
        name,
        startedAtMs: atMs,
        done: {},
        total,
        rate: NO_RATE,
        sampled: { atMs, done: {} },
        heartbeatAtMs: atMs,
      }
      open.add(stage)
      enter()
      if (!bars) writeEvent('info', 'stage-start', stage, amountsText(total))
      due(true)
      return {
        update(done) {
          stage.done = largest(stage.done, done)
          due(false)
        },
        setTotal(total) {
          stage.total = { ...stage.total, ...total }
          due(false)
        },
        end(summary, outcome = 'ok') {
          if (open.delete(stage)) endStage(stage, summary, outcome)
        },
      }
    },
    message(level, text, fields = {}) {
      if (quiet && level !== 'warn' && level !== 'error') return
      if (format === 'json') {
        writeJson({ level, event: 'message', message: text, ...fields })
        return
      }
      const label = {
        debug: style.dim('debug: '),
        info: '',
        warn: style.warn('warning: '),
        error: style.bad('error: '),
      }
      writeLine(`${label[level]}${safeText(text)}`)
    },
    close() {
      open.clear()
      leave()
    },
  }
  return progress

  function enter(): void {
    if (stopBeat !== undefined || quiet) return
    if (bars) {
      stream.write(HIDE_CURSOR)
      process.once('exit', leave)
    }
    stopBeat = every(bars ? FRAME_MS : HEARTBEAT_MS, () => due(false))
  }

  function leave(): void {
    if (stopBeat === undefined) return
    stopBeat()
    stopBeat = undefined
    if (!bars) return
    process.removeListener('exit', leave)
    stream.write(eraseBars() + SHOW_CURSOR)
  }

  function due(force: boolean): void {
    if (quiet) return
    const atMs = nowMs()
    if (bars) {
      if (!force && atMs - drawnAtMs < FRAME_MS) return
      drawnAtMs = atMs
      stream.write(eraseBars() + drawBars(atMs))
      return
    }
    for (const stage of open) {
      if (atMs - stage.heartbeatAtMs < HEARTBEAT_MS) continue
      stage.heartbeatAtMs = atMs
      const state = sample(stage, atMs)
      writeEvent('info', 'stage-progress', stage, describeProgress(state))
    }
  }

  function endStage(stage: OpenStage, summary: string | undefined, outcome: StageOutcome): void {
    const tookMs = nowMs() - stage.startedAtMs
    const text = [summary ?? amountsText(stage.done), formatDuration(tookMs)].filter((part) => part !== '').join(' · ')
    const level = ({ ok: 'info', warn: 'warn', bad: 'error' } as const)[outcome]
    if (bars) {
      const mark = { ok: style.ok('✓'), warn: style.warn('!'), bad: style.bad('✗') }[outcome]
      writeLine(`${mark} ${safeText(stage.name)}: ${safeText(text)}`)
    } else if (!quiet) {
      const words = { ok: 'done', warn: 'done with warnings', bad: 'failed' }[outcome]
      writeEvent(level, 'stage-end', stage, `${words}, ${text}`, {
        outcome,
        summary: summary ?? null,
        durationMs: tookMs,
      })
    }
    if (open.size === 0) leave()
  }

  function writeEvent(
    level: ProgressLevel,
    event: string,
    stage: OpenStage,
    text: string,
    fields: Readonly<Record<string, unknown>> = {},
  ): void {
    if (quiet) return
    if (format === 'json') {
      const total = Object.keys(stage.total).length === 0 ? {} : { total: stage.total }
      writeJson({ level, event, stage: stage.name, ...stage.done, ...total, ...fields })
    } else {
      const what = event === 'stage-start' ? `started${text === '' ? '' : ` (${text})`}` : text
      stream.write(`${safeText(stage.name)}: ${safeText(what)}\n`)
    }
  }

  function writeJson(record: Readonly<Record<string, unknown>>): void {
    stream.write(`${stringifyJson({ time: new Date(nowMs()), ...record })}\n`)
  }

  function writeLine(text: string): void {
    if (stopBeat === undefined || !bars) stream.write(`${text}\n`)
    else stream.write(`${eraseBars()}${text}\n${drawBars(nowMs())}`)
  }

  function eraseBars(): string {
    const up = drawnLines === 0 ? '' : `\u001b[${drawnLines}A`
    drawnLines = 0
    return `\r${up}${CLEAR_TO_END}`
  }

  function drawBars(atMs: number): string {
    // One cell is left free: a full line makes some terminals wrap, and then the cursor would go up too few lines.
    const width = Math.max(20, (stream.columns ?? 100) - 1)
    const lines = Array.from(open, (stage) => `${renderBar(sample(stage, atMs), width)}\n`)
    drawnLines = lines.length
    return lines.join('')
  }
}

/** The state to draw now; looks at the rate again when half a second has passed. */
function sample(stage: OpenStage, nowMs: number): BarState {
  const elapsedMs = nowMs - stage.sampled.atMs
  if (elapsedMs >= 500) {
    const next = (unit: keyof Amounts): number | null => {
      const done = stage.done[unit]
      if (done === undefined) return null
      return advanceRate(stage.rate[unit], done - (stage.sampled.done[unit] ?? 0), elapsedMs)
    }
    stage.rate = { files: next('files'), rows: next('rows'), bytes: next('bytes') }
    stage.sampled = { atMs: nowMs, done: stage.done }
  }
  const { name, startedAtMs, done, total, rate } = stage
  return { name, startedAtMs, nowMs, done, total, rate }
}

function largest(before: Amounts, after: Amounts): Amounts {
  const result: { -readonly [unit in keyof Amounts]: Amounts[unit] } = { ...before }
  for (const unit of ['files', 'rows', 'bytes'] as const) {
    const value = after[unit]
    if (value !== undefined && Number.isFinite(value)) result[unit] = Math.max(before[unit] ?? 0, value)
  }
  return result
}

function amountsText({ files, rows, bytes }: Amounts): string {
  return [
    files === undefined ? '' : formatAmount(files, 'file'),
    rows === undefined ? '' : formatAmount(rows, 'row'),
    bytes === undefined ? '' : formatBytes(bytes),
  ]
    .filter((part) => part !== '')
    .join(' · ')
}

function unrefInterval(intervalMs: number, beat: () => void): () => void {
  const timer = setInterval(beat, intervalMs)
  timer.unref()
  return () => clearInterval(timer)
}
