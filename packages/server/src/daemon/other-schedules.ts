import { stringifyJson, type ScheduleRecord } from '@tidegate/core'
import type { WantedSchedule } from '../scheduler/index.ts'

/** For people: so many are named. */
const NAMED = 5

/**
 * Where the daemon that leads was started with another configuration than this one: what differs, in words; else undefined.
 * Both take runs, and each knows its own sources only.
 */
export function otherSchedules(
  mine: readonly WantedSchedule[],
  led: readonly Pick<ScheduleRecord, 'id' | 'config' | 'isCurrent'>[],
): string | undefined {
  const theirs = new Map(led.filter(({ isCurrent }) => isCurrent).map(({ id, config }) => [id, stringifyJson(config)]))
  const ours = new Map(mine.map(({ id, config }) => [id, stringifyJson(config)]))
  const missing = [...theirs.keys()].filter((id) => !ours.has(id))
  const extra = [...ours.keys()].filter((id) => !theirs.has(id))
  const changed = [...ours].filter(([id, config]) => theirs.has(id) && theirs.get(id) !== config).map(([id]) => id)
  const parts = [say(missing, 'only there'), say(extra, 'only here'), say(changed, 'with another rule')]
  const said = parts.filter((part) => part !== undefined)
  return said.length === 0 ? undefined : said.join('; ')
}

function say(ids: readonly string[], how: string): string | undefined {
  if (ids.length === 0) return undefined
  const names = ids.toSorted().slice(0, NAMED).join(', ')
  return `${names}${ids.length > NAMED ? ` and ${ids.length - NAMED} more` : ''} ${how}`
}

/** Says a difference once, when it was the same at three looks: an edit reaches one daemon some seconds before the other. */
export function noteDifferences(warn: (difference: string) => void): (difference: string | undefined) => void {
  let last: string | undefined
  let looks = 0
  return (difference) => {
    looks = difference === last ? looks + 1 : 1
    last = difference
    if (difference !== undefined && looks === LOOKS) warn(difference)
  }
}

const LOOKS = 3
