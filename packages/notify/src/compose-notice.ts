import { createHash } from 'node:crypto'
import { assertNever } from '@tidegate/core'
import { MEMBERS_SHOWN, type Notice, type NoticeEvent, type NoticeFile, type NoticeMember } from './notice.ts'
import { oneLine, shellWord } from './plain-text.ts'

/** Says in words what happened, to what, and what to run next. Pure. */
export function composeNotice(event: NoticeEvent): Notice {
  const body = describe(event)
  const members = body.members ?? []
  const shown = members.slice(0, MEMBERS_SHOWN)
  const more = members.length - shown.length
  const lines = [
    ...body.lines,
    ...shown.map(({ name, detail }) => `- ${name}: ${detail}`),
    ...(more > 0 ? [`- and ${more} more`] : []),
    `Next: ${body.commands.join(' · ')}`,
  ]
  return {
    key: noticeKey(event),
    event: event.kind,
    severity: body.severity,
    title: body.title,
    text: lines.join('\n'),
    labels: labelsOf(event),
    members: shown,
    more,
    commands: body.commands,
    at: new Date(event.atMs).toISOString(),
  }
}

interface Body {
  readonly severity: Notice['severity']
  readonly title: string
  readonly lines: readonly string[]
  readonly members?: readonly NoticeMember[]
  readonly commands: readonly string[]
}

function describe(event: NoticeEvent): Body {
  const source = oneLine(event.source)
  switch (event.kind) {
    case 'gate_failed':
    case 'file_quarantined': {
      const files = count(event.files.length, 'file')
      return {
        severity: event.kind === 'gate_failed' ? 'critical' : 'warning',
        title: event.kind === 'gate_failed' ? `${source}: the gate held ${files}` : `${source}: ${files} in quarantine`,
        lines: ['Nothing of these files was loaded; they wait in quarantine with the reasons.'],
        members: event.files.toSorted(worstFirst).map(describeFile),
        commands: [`tidegate quarantine ls${argument(event.source, ' --source')}`, ...explainFirst(event.files)],
      }
    }
    case 'run_failed': {
      const failed = event.filesFailed ?? 0
      const could =
        failed > 0 ? [`${count(failed, 'file')} could not be judged; they are tried again on the next run.`] : []
      return event.partly === true
        ? {
            severity: 'warning',
            title: `${source}: the run was done in part (${oneLine(event.code)})`,
            lines: could,
            commands: [`tidegate history${argument(event.source)}`, `tidegate explain${argument(event.code)}`],
          }
        : {
            severity: 'critical',
            title: `${source}: the run failed (${oneLine(event.code)})`,
            lines: ['What was committed before stays; the next run goes on from there.', ...could],
            commands: [`tidegate history${argument(event.source)}`, `tidegate explain${argument(event.code)}`],
          }
    }
    case 'recovered': {
      const was = { gate_failed: 'the gate had held files', run_failed: 'the run had failed', stale: 'files were late' }
      const loaded = event.filesLoaded === undefined ? [] : [`${count(event.filesLoaded, 'file')} loaded.`]
      return {
        severity: 'info',
        title: `${source}: recovered (${was[event.from]})`,
        lines: loaded,
        commands: [`tidegate history${argument(event.source)}`],
      }
    }
    case 'stale': {
      const last =
        event.lastLoadedAtMs === null
          ? 'No file was ever loaded.'
          : `The last file was loaded at ${instant(event.lastLoadedAtMs)}.`
      return {
        severity: 'warning',
        title: `${source}: files are late (expected ${oneLine(event.expected)})`,
        lines: [`A file was due at ${instant(event.dueAtMs)}. ${last}`],
        commands: [`tidegate validate-source${argument(event.source)}`, `tidegate history${argument(event.source)}`],
      }
    }
    default:
      return assertNever(event)
  }
}

/** The same event of the same run, or the same missed deadline, has the same key on every machine. */
function noticeKey(event: NoticeEvent): string {
  const which = event.kind === 'stale' ? String(event.dueAtMs) : event.run
  const detail = event.kind === 'recovered' ? event.from : ''
  return `tg_${digest([event.kind, event.source, which, detail])}`
}

/** 32 hexadecimal digits of the SHA-256 of these texts. */
export function digest(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)
}

function labelsOf(event: NoticeEvent): Notice['labels'] {
  const run = event.kind === 'stale' ? {} : { run: oneLine(event.run) }
  return { source: oneLine(event.source), event: event.kind, ...run }
}

/** Files whose score is lowest come first; those without a score could not even be judged. */
function worstFirst(a: NoticeFile, b: NoticeFile): number {
  return (a.score ?? -1) - (b.score ?? -1)
}

const REASONS_SHOWN = 3

function describeFile({ path, score, reasons }: NoticeFile): NoticeMember {
  const failures = reasons.filter(({ check }) => !check.startsWith('REPAIR_'))
  const shown = failures.slice(0, REASONS_SHOWN).map(({ check, severity, failedRows }) => {
    const rows = failedRows === undefined ? '' : `, ${count(failedRows, 'row')}`
    return `${oneLine(check)} (${oneLine(severity)}${rows})`
  })
  const more = failures.length - shown.length
  const why = [...shown, ...(more > 0 ? [`${more} more`] : [])].join(', ')
  const points = score === null ? 'no score' : `score ${floorTo1(score)}`
  const offer = reasons.some(({ check }) => check === 'REPAIR_IS_LOSSY') ? ['a part of it can be brought back'] : []
  return { name: oneLine(path), detail: [points, ...(why === '' ? [] : [why]), ...offer].join('; ') }
}

function explainFirst(files: readonly NoticeFile[]): readonly string[] {
  const first = files.toSorted(worstFirst).find(({ path }) => oneLine(path) === path)
  return first === undefined ? [] : [`tidegate files explain${argument(first.path)}`]
}

/** A name as an argument; left out where it cannot be shown as it is, since a command with another name would mislead. */
function argument(text: string, option = ''): string {
  return oneLine(text) === text ? `${option} ${shellWord(text)}` : ''
}

function instant(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

function count(amount: number, noun: string): string {
  return `${amount.toLocaleString('en-US')} ${noun}${amount === 1 ? '' : 's'}`
}

/** 99.96 must not be shown as 100. */
function floorTo1(value: number): string {
  return String(Math.floor(value * 10) / 10)
}
