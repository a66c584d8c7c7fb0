import { setTimeout as sleep } from 'node:timers/promises'
import { monitorReport, type MonitorReport, type MonitorSection } from '@tidegate/monitor'
import type { CommandContext } from '../../context.ts'
import { emit, formatInstant, plainStyle } from '../../render/index.ts'
import { renderMonitor } from '../../render/monitor-view.ts'
import { monitorPayload } from './monitor-payload.ts'
import { readSubject, type Subject } from './read-subject.ts'

const LOOK_EVERY_MS = 2000
/** Lateness grows although nothing is written. */
const DRAW_EVERY_MS = 60_000
const CLEAR = '\u001b[H\u001b[2J\u001b[3J'

/** `monitor --watch`: draws anew when the state moved; off a terminal one line per change of the answer. Ends with a signal. */
export async function watch(
  subject: Subject,
  section: MonitorSection | undefined,
  context: CommandContext,
): Promise<number> {
  const show = context.options.output === 'table' ? printer(section, context) : streamer(section, context)
  let drawn: { readonly marker: string; readonly atMs: number } | undefined
  while (!context.signal.aborted) {
    const atMs = context.nowMs()
    const marker = await subject.project.state.changeMarker()
    if (drawn === undefined || drawn.marker !== marker || atMs - drawn.atMs >= DRAW_EVERY_MS) {
      drawn = { marker, atMs }
      const { facts, context: about } = await readSubject(subject, context)
      show(monitorReport(facts, about))
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal: context.signal }).catch(() => {})
  }
  return 0
}

type Show = (report: MonitorReport) => void

function printer(section: MonitorSection | undefined, { stdout, style, width }: CommandContext): Show {
  if (process.stdout.isTTY) {
    return (report) => stdout.write(`${CLEAR}${renderMonitor(report, section, style, width)}\n`)
  }
  let last = ''
  return (report) => {
    const [answer = ''] = renderMonitor(report, undefined, plainStyle, Number.POSITIVE_INFINITY).split('\n', 1)
    const text = section === undefined ? `${answer} ${report.overview.summary}` : report[section].summary
    if (text === last) return
    last = text
    stdout.write(`${formatInstant(Date.parse(report.generatedAt ?? ''))} ${text}\n`)
  }
}

function streamer(section: MonitorSection | undefined, { options, stdout }: CommandContext): Show {
  return (report) => emit(options.output, monitorPayload(report, section), () => '', stdout)
}
