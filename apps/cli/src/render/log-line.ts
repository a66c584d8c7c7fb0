import { safeText } from './safe-text.ts'

/** One JSON line of the daemon's log as a line for people: time, level where it matters, event, what belongs to it. */
export function renderLogLine(line: string): string {
  let fields: Record<string, unknown>
  try {
    fields = JSON.parse(line) as Record<string, unknown>
  } catch {
    return line
  }
  const { time, level, event, ...rest } = fields
  const shown = Object.entries(rest)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
  const clock = typeof time === 'string' ? time.slice(11, 19) : ''
  const mark = level === 'warn' || level === 'error' ? [`${level}:`] : []
  return `${safeText([clock, ...mark, String(event ?? ''), ...shown].join(' '))}\n`
}
