import { assertNever, type AlertKind, type AlertRecord, type AlertSignal } from '@tidegate/core'
import type { NoticeMember, NoticeSection } from '../notice.ts'
import { oneLine, shellWord } from '../plain-text.ts'
import { readDetail, type DetailReader } from './read-detail.ts'

type Described = Pick<NoticeSection, 'title' | 'lines' | 'members' | 'more' | 'commands'>

/** One alert in words: what is wrong, or that it is over, and what to run next. Pure. */
export function describeAlert(
  alert: Pick<
    AlertRecord,
    'id' | 'kind' | 'source' | 'dataset' | 'severity' | 'state' | 'count' | 'firstAtMs' | 'detail'
  >,
): NoticeSection {
  const { id, kind, source, dataset, severity } = alert
  const base = { alert: id, kind, source: oneLine(source), dataset: dataset === null ? null : oneLine(dataset) }
  if (alert.state === 'resolved')
    return {
      ...base,
      state: 'resolved',
      severity: 'info',
      title: `${placeOf(source, dataset)}: recovered (${WAS[kind]})`,
      lines: [`It had begun at ${instant(alert.firstAtMs)}.`, ...endOf(readDetail(alert.detail).text('over'))],
      members: [],
      more: 0,
      commands: source === '' ? [] : [`tidegate history${argument(source)}`],
    }
  const body = describe(kind, source, dataset, readDetail(alert.detail))
  const again =
    alert.count > 1 ? [`Seen ${alert.count.toLocaleString('en-US')} times since ${instant(alert.firstAtMs)}.`] : []
  const explain = alert.state === 'acknowledged' ? [] : [`tidegate alerts ack ${id}`]
  return {
    ...base,
    state: 'firing',
    severity,
    ...body,
    lines: [...body.lines, ...again],
    commands: [...body.commands, ...explain],
  }
}

function endOf(because: string): readonly string[] {
  return because === '' ? [] : [`It is over: ${oneLine(because)}.`]
}

/** News in words. */
export function describeNews(signal: AlertSignal): NoticeSection {
  const detail = readDetail(signal.detail)
  const base = {
    alert: null,
    kind: signal.kind,
    state: 'news' as const,
    severity: 'info' as const,
    source: oneLine(signal.source),
    dataset: signal.dataset === null ? null : oneLine(signal.dataset),
    members: [] as readonly NoticeMember[],
    more: 0,
    lines: [] as readonly string[],
    commands: signal.source === '' ? [] : [`tidegate history${argument(signal.source)}`],
  }
  const place = placeOf(signal.source, signal.dataset)
  const times = detail.number('times', 1)
  const lines = times > 1 ? [`In ${times.toLocaleString('en-US')} runs.`] : []
  switch (signal.kind) {
    case 'file_arrived':
      return { ...base, title: `${place}: ${count(detail.number('files'), 'file')} arrived`, lines }
    case 'output_generated': {
      const members = detail.list('shown').map((one) => {
        const [files, rows] = [count(one.number('files'), 'file'), count(one.number('rows'), 'row')]
        return { name: oneLine(one.text('dataset')), detail: `${files}, ${rows}` }
      })
      const title = `${place}: ${count(detail.number('files'), 'file')} loaded, ${count(detail.number('rows'), 'row')}`
      return { ...base, title, lines, members, more: Math.max(0, detail.number('datasets') - members.length) }
    }
    case 'recovered': {
      const from = detail.text('from')
      const was = from in WAS ? WAS[from as AlertKind] : from
      return { ...base, title: `${place}: recovered (${oneLine(was)})`, lines }
    }
    default:
      return { ...base, ...describeDigest(detail), commands: ['tidegate monitor', 'tidegate alerts ls'] }
  }
}

const WAS: Readonly<Record<AlertKind, string>> = {
  gate_failed: 'the gate had held files',
  run_failed: 'the run had failed',
  file_quarantined: 'files were in quarantine',
  stale: 'files were late',
  missing: 'files were missing',
  schema_changed: 'the schema had changed',
  schedule_missed: 'scheduled runs were missed',
  job_dead: 'a job had given up',
}

function describe(kind: AlertKind, source: string, dataset: string | null, detail: DetailReader): Described {
  const place = placeOf(source, dataset)
  const plain = { members: [], more: 0 }
  switch (kind) {
    case 'gate_failed':
    case 'file_quarantined':
      return describeHeld(kind, source, place, detail)
    case 'run_failed': {
      const failed = detail.number('filesFailed')
      const code = detail.text('code', 'UNKNOWN')
      const partly = detail.flag('partly')
      const command = detail.text('command', 'ingest')
      const name = command === 'ingest' ? 'the run' : `the ${oneLine(command)}`
      return {
        ...plain,
        title: partly
          ? `${place}: ${name} was done in part (${oneLine(code)})`
          : `${place}: ${name} failed (${oneLine(code)})`,
        lines: [
          ...(partly ? [] : ['What was committed before stays; the next run goes on from there.']),
          ...(failed > 0
            ? [`${count(failed, 'file')} could not be judged; they are tried again on the next run.`]
            : []),
        ],
        commands: [`tidegate history${argument(source)}`, `tidegate explain${argument(code)}`],
      }
    }
    case 'stale': {
      const last = detail.optional('lastLoadedAtMs')
      const was = last === undefined ? 'No file was ever loaded.' : `The last file was loaded at ${instant(last)}.`
      return {
        ...plain,
        title: `${place}: files are late (expected ${oneLine(detail.text('expected'))})`,
        lines: [`A file was due at ${instant(detail.number('dueAtMs'))}. ${was}`],
        commands: [`tidegate validate-source${argument(source)}`, `tidegate history${argument(source)}`],
      }
    }
    case 'missing': {
      const [wanted, came] = [detail.number('expectedFiles'), detail.number('arrivedFiles')]
      return {
        ...plain,
        title: `${place}: ${count(Math.max(0, wanted - came), 'file')} missing`,
        lines: [`${count(wanted, 'file')} should have come by ${oneLine(detail.text('by'))}; ${came} did.`],
        commands: [`tidegate validate-source${argument(source)}`, `tidegate history${argument(source)}`],
      }
    }
    case 'schema_changed':
      return {
        ...plain,
        title: `${place}: the schema changed`,
        lines: (['added', 'removed', 'changed'] as const).flatMap((how) => columnLine(how, detail.texts(how))),
        commands: [`tidegate monitor schemas`],
      }
    case 'schedule_missed': {
      const times = detail.number('missed', 1)
      const [first, last] = [instant(detail.number('fromMs')), instant(detail.number('untilMs'))]
      return {
        ...plain,
        title: `${oneLine(detail.text('schedule', source))}: ${count(times, 'scheduled run')} missed`,
        lines: [
          `${times === 1 ? `At ${first}` : `From ${first} to ${last}`}, because of ${oneLine(detail.text('reason'))}.`,
        ],
        commands: [],
      }
    }
    case 'job_dead': {
      const code = detail.text('code', 'UNKNOWN')
      return {
        ...plain,
        title: `${place}: ${oneLine(detail.text('command', 'a job'))} gave up (${oneLine(code)})`,
        lines: [
          `It was tried ${count(detail.number('attempts', 1), 'time')}. It stays dead until somebody drives it again.`,
        ],
        commands: [`tidegate explain${argument(code)}`],
      }
    }
    default:
      return assertNever(kind)
  }
}

function describeHeld(kind: AlertKind, source: string, place: string, detail: DetailReader): Described {
  const amount = detail.number('files')
  const shown = detail.list('shown')
  const files = count(amount, 'file')
  if (amount === 0)
    return {
      title: `${place}: files wait at the gate`,
      lines: ['They have no contract that could judge them; nothing of them was loaded.'],
      members: [],
      more: 0,
      commands: [`tidegate profile${argument(source)}`],
    }
  const first = shown.map((file) => file.text('path')).find((path) => path !== '' && oneLine(path) === path)
  return {
    title: kind === 'gate_failed' ? `${place}: the gate held ${files}` : `${place}: ${files} in quarantine`,
    lines: ['Nothing of these files was loaded; they wait in quarantine with the reasons.'],
    members: shown.map(describeFile),
    more: amount - shown.length,
    commands: [
      `tidegate quarantine ls${argument(source, ' --source')}`,
      ...(first === undefined ? [] : [`tidegate files explain${argument(first)}`]),
    ],
  }
}

const REASONS_SHOWN = 3

function describeFile(file: DetailReader): NoticeMember {
  const reasons = file.list('reasons')
  const failures = reasons.filter((reason) => !reason.text('check').startsWith('REPAIR_'))
  const shown = failures.slice(0, REASONS_SHOWN).map((reason) => {
    const failedRows = reason.optional('failedRows')
    const rows = failedRows === undefined ? '' : `, ${count(failedRows, 'row')}`
    return `${oneLine(reason.text('check'))} (${oneLine(reason.text('severity'))}${rows})`
  })
  const inAll = file.number('reasonsInAll', reasons.length) - (reasons.length - failures.length)
  const why = [...shown, ...(inAll > shown.length ? [`${inAll - shown.length} more`] : [])].join(', ')
  const score = file.optional('score')
  const points = score === undefined ? 'no score' : `score ${floorTo1(score)}`
  const lossy = reasons.some((reason) => reason.text('check') === 'REPAIR_IS_LOSSY')
  const offer = lossy ? ['a part of it can be brought back'] : []
  return { name: oneLine(file.text('path')), detail: [points, ...(why === '' ? [] : [why]), ...offer].join('; ') }
}

const COLUMNS_SHOWN = 10

function columnLine(how: 'added' | 'removed' | 'changed', columns: readonly string[]): readonly string[] {
  if (columns.length === 0) return []
  const words = { added: 'New columns', removed: 'Columns that are gone', changed: 'Columns of another type' }
  const shown = columns.slice(0, COLUMNS_SHOWN).map((name) => oneLine(name))
  const more = columns.length - shown.length
  return [`${words[how]}: ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}.`]
}

function describeDigest(detail: DetailReader): Pick<NoticeSection, 'title' | 'lines' | 'members' | 'more'> {
  const amount = (key: string): string => detail.number(key).toLocaleString('en-US')
  const members = detail
    .list('shown')
    .map((one) => ({ name: oneLine(one.text('source')), detail: oneLine(one.text('state')) }))
  return {
    title: `Digest: ${count(detail.number('runs'), 'run')}, ${count(detail.number('openAlerts'), 'open alert')}`,
    lines: [
      `From ${instant(detail.number('fromMs'))} to ${instant(detail.number('toMs'))}.`,
      `Runs failed: ${amount('runsFailed')}. Files loaded: ${amount('filesLoaded')}, held: ${amount('filesHeld')}.`,
      `Rows loaded: ${amount('rowsLoaded')}, rejected: ${amount('rowsRejected')}.`,
    ],
    members,
    more: Math.max(0, detail.number('troubled') - members.length),
  }
}

function placeOf(source: string, dataset: string | null): string {
  if (source === '') return 'the project'
  return dataset === null || dataset === source ? oneLine(source) : `${oneLine(source)} / ${oneLine(dataset)}`
}

/** A name as an argument; left out where it cannot be shown as it is, since a command with another name would mislead. */
function argument(text: string, option = ''): string {
  return oneLine(text) === text && text !== '' ? `${option} ${shellWord(text)}` : ''
}

export function instant(ms: number): string {
  return Number.isFinite(ms) && Math.abs(ms) < 8.64e15
    ? `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`
    : 'an unknown time'
}

export function count(amount: number, noun: string): string {
  return `${amount.toLocaleString('en-US')} ${noun}${amount === 1 ? '' : 's'}`
}

/** 99.96 must not be shown as 100. */
function floorTo1(value: number): string {
  return String(Math.floor(value * 10) / 10)
}
