import type { Expectation, JsonValue, Severity, UnexpectedLimit } from '@tidegate/core'
import { compareExact, exactNumber } from '../expression/exact-number.ts'

/**
 * How a rule changed: `tightened` if it rejects all that the old one rejected and may reject more, `loosened` the other
 * way round, `changed` where neither can be said. Ids and meta do not count.
 */
export function compareRules(a: Expectation, b: Expectation): 'same' | 'tightened' | 'loosened' | 'changed' {
  if (a.type !== b.type) return 'changed'
  const directions: Direction[] = [
    severityDirection(a.severity, b.severity),
    failDirection(a, b),
    warnDirection(a.warn, b.warn),
  ]
  const limited = a.fail !== undefined || b.fail !== undefined
  for (const key of new Set([...Object.keys(a.kwargs), ...Object.keys(b.kwargs)])) {
    // Judged with the limits.
    if (key === 'mostly' && limited) continue
    directions.push(argumentDirection(a.type, key, a.kwargs[key], b.kwargs[key]))
  }
  const seen = new Set(directions.filter((direction) => direction !== 'same'))
  if (seen.size === 0) return 'same'
  return seen.size === 1 ? (directions.find((direction) => direction !== 'same') ?? 'changed') : 'changed'
}

type Direction = 'same' | 'tightened' | 'loosened' | 'changed'

function argumentDirection(type: string, key: string, a: JsonValue | undefined, b: JsonValue | undefined): Direction {
  if (JSON.stringify(a) === JSON.stringify(b)) return 'same'
  switch (key) {
    case 'min_value':
      return boundDirection(a ?? undefined, b ?? undefined, false)
    case 'max_value':
      return boundDirection(a ?? undefined, b ?? undefined, true)
    case 'mostly':
      return boundDirection(a ?? 1, b ?? 1, false)
    case 'strict_min':
    case 'strict_max':
      return (a ?? false) === (b ?? false) ? 'same' : b === true ? 'tightened' : 'loosened'
    case 'value_set':
      return setDirection(type, a, b)
    default:
      return 'changed'
  }
}

/** Raising a lower bound tightens, raising an upper one loosens; having none is loosest. */
function boundDirection(a: JsonValue | undefined, b: JsonValue | undefined, upper: boolean): Direction {
  if (a === undefined) return 'tightened'
  if (b === undefined) return 'loosened'
  const [left, right] = [exactNumber(String(a)), exactNumber(String(b))]
  const order = left === undefined || right === undefined ? compareText(a, b) : compareExact(left, right)
  return order === undefined ? 'changed' : order === 0 ? 'same' : order < 0 !== upper ? 'tightened' : 'loosened'
}

/** ISO times of the same form compare as text. */
function compareText(a: JsonValue, b: JsonValue): number | undefined {
  if (typeof a !== 'string' || typeof b !== 'string') return undefined
  if (!/^\d{4}-\d\d-\d\d/.test(a) || !/^\d{4}-\d\d-\d\d/.test(b)) return undefined
  return a < b ? -1 : a > b ? 1 : 0
}

/** A smaller set allows less; of a list of what is not allowed, and of what must be there, a larger one. */
function setDirection(type: string, a: JsonValue | undefined, b: JsonValue | undefined): Direction {
  if (!Array.isArray(a) || !Array.isArray(b)) return 'changed'
  const [before, after] = [
    new Set(a.map((item) => JSON.stringify(item))),
    new Set(b.map((item) => JSON.stringify(item))),
  ]
  const grows = [...before].every((item) => after.has(item))
  const shrinks = [...after].every((item) => before.has(item))
  if (grows && shrinks) return 'same'
  if (!grows && !shrinks) return 'changed'
  if (type.includes('_to_equal_set')) return 'changed'
  const inverse = type.includes('_not_be_in_set') || type.includes('_contain_set')
  return grows === inverse ? 'tightened' : 'loosened'
}

function failDirection(a: Expectation, b: Expectation): Direction {
  if (a.fail === undefined && b.fail === undefined) return 'same'
  const [before, after] = [allowedBy(a), allowedBy(b)]
  return before === undefined || after === undefined ? 'changed' : movedLimit(before, after)
}

/**
 * How many rows may break a rule before it fails: `fail`, which takes the place of `mostly`, or what `mostly` leaves, without
 * the noise of binary fractions. Undefined where a parameter says it.
 */
export function allowedBy({ fail, kwargs }: Expectation): UnexpectedLimit | undefined {
  if (fail !== undefined) return fail
  const mostly = kwargs['mostly'] ?? 1
  if (typeof mostly !== 'number') return undefined
  return mostly >= 1 ? { count: 0, fraction: 0 } : { fraction: Number((1 - mostly).toFixed(12)) }
}

/** A limit that warns is one more way to be told of rows. */
function warnDirection(a: UnexpectedLimit | undefined, b: UnexpectedLimit | undefined): Direction {
  if (a === undefined || b === undefined) return a === b ? 'same' : a === undefined ? 'tightened' : 'loosened'
  return movedLimit(a, b)
}

function movedLimit(a: UnexpectedLimit, b: UnexpectedLimit): Direction {
  const moved = new Set([partDirection(a.count, b.count), partDirection(a.fraction, b.fraction)])
  moved.delete('same')
  return moved.size > 1 ? 'changed' : ([...moved][0] ?? 'same')
}

function partDirection(a = Infinity, b = Infinity): Direction {
  return a === b ? 'same' : b < a ? 'tightened' : 'loosened'
}

const RANKS: Readonly<Record<Severity, number>> = { info: 0, warning: 1, critical: 2 }

function severityDirection(a: Severity = 'critical', b: Severity = 'critical'): Direction {
  return RANKS[a] === RANKS[b] ? 'same' : RANKS[a] < RANKS[b] ? 'tightened' : 'loosened'
}
