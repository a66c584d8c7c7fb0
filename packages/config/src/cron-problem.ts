/**
 * What is wrong with a cron expression; undefined where nothing is: five fields (minute, hour, day, month, weekday) of `*`,
 * numbers, ranges, lists, steps and the English three-letter names. A date that never comes, such as 31 February, is refused:
 * it would be a schedule that never runs.
 */
export function cronProblem(text: string): string | undefined {
  const fields = text.trim().split(/\s+/)
  if (fields.length !== FIELDS.length || text.length > 200)
    return 'must be a cron expression of five fields, such as */15 * * * *'
  const wrong = fields.findIndex((field, index) => !isField(field, FIELDS[index] ?? EMPTY))
  const { name, from, to } = FIELDS[wrong] ?? EMPTY
  if (wrong >= 0)
    return `must be a cron expression: ${JSON.stringify(fields[wrong])} is no ${name} (${from} to ${to}, lists, ranges, steps)`
  const [, , day = '*', month = '*', weekday = '*'] = fields
  return weekday !== '*' || someDateExists(day, month) ? undefined : 'must be a cron expression of a date that comes'
}

interface Field {
  readonly name: string
  readonly from: number
  readonly to: number
  readonly names: readonly string[]
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const EMPTY: Field = { name: 'field', from: 1, to: 0, names: [] }
const DAY: Field = { name: 'day', from: 1, to: 31, names: [] }
const MONTH: Field = { name: 'month', from: 1, to: 12, names: MONTHS }
const FIELDS: readonly Field[] = [
  { name: 'minute', from: 0, to: 59, names: [] },
  { name: 'hour', from: 0, to: 23, names: [] },
  DAY,
  MONTH,
  { name: 'weekday', from: 0, to: 7, names: WEEKDAYS },
]

function isField(text: string, field: Field): boolean {
  return text.split(',').every((part) => {
    const match = /^(\*|[a-z0-9]+(?:-[a-z0-9]+)?)(?:\/([1-9]\d{0,2}))?$/i.exec(part)
    if (match === null) return false
    if (match[1] === '*') return true
    const [from, to] = bounds(match[1] ?? '', field)
    return from !== undefined && to !== undefined && from <= to
  })
}

function bounds(range: string, field: Field): readonly [number | undefined, number | undefined] {
  const [low = '', high = low] = range.split('-')
  return [valueOf(low, field), valueOf(high, field)]
}

function valueOf(text: string, field: Field): number | undefined {
  const named = field.names.indexOf(text.toLowerCase())
  const value = named >= 0 ? named + field.from : Number(/^\d+$/.test(text) ? text : Number.NaN)
  return value >= field.from && value <= field.to ? value : undefined
}

function someDateExists(day: string, month: string): boolean {
  const longest = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
  const firstDay = Math.min(
    ...day.split(',').map((part) => (part.startsWith('*') ? 1 : (bounds(part.split('/')[0] ?? '', DAY)[0] ?? 32))),
  )
  return month.split(',').some((part) => {
    if (part.startsWith('*')) return true
    const [from = 1, to = 12] = bounds(part.split('/')[0] ?? '', MONTH)
    return longest.slice(from - 1, to).some((days) => firstDay <= days)
  })
}
