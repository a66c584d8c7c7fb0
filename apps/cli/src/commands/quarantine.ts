import { TidegateError } from '@tidegate/core'
import { totalsOfRecords, type QuarantineAction, type QuarantineReport, type RecordOutcome } from '@tidegate/pipeline'
import { listRecords, type ListedRecord } from '@tidegate/project/open'
import { EXIT, type CommandContext } from '../context.ts'
import { effectsFor, openCliProject } from '../open.ts'
import { emit } from '../render/index.ts'
import { renderRecords, renderSettled } from '../render/quarantine-view.ts'
import { tellChannels } from './tell-channels.ts'
import { chooseRecords, configOf, isOfTarget, recordItem, type QuarantineArgs } from './quarantine-records.ts'
import { showRecords } from './quarantine-show.ts'

/** `quarantine ls | show | replay | release | discard`: what is held or split off, why, and what becomes of it. */
export async function quarantine(args: QuarantineArgs, context: CommandContext): Promise<number> {
  switch (args.action) {
    case 'ls':
      return list(args, context)
    case 'show':
      return showRecords(args, context)
    case 'replay':
    case 'release':
    case 'discard':
      return settle(args.action, args, context)
    default:
      throw new TidegateError(
        'USAGE_ACTION',
        `quarantine knows ls, show, replay, release and discard, not ${JSON.stringify(args.action)}`,
      )
  }
}

async function list(args: QuarantineArgs, context: CommandContext): Promise<number> {
  const project = await openCliProject(context, { what: 'quarantine ls', readOnly: true })
  try {
    const status = args.closed === true ? undefined : 'open'
    const all = await listRecords(project, { source: args.source, status })
    const items = all.filter((record) => isOfTarget(record, args.target))
    emit(
      context.options.output,
      { schemaVersion: 1, kind: 'quarantine', items: items.map(recordItem) },
      () => renderRecords(items, context),
      context.stdout,
    )
    return EXIT.ok
  } finally {
    await project.close()
  }
}

async function settle(action: QuarantineAction, args: QuarantineArgs, context: CommandContext): Promise<number> {
  const asked = args.records ?? []
  if (asked.length === 0 && args.source === undefined && args.target === undefined && args.all !== true) {
    throw new TidegateError(
      'USAGE_RECORD',
      `quarantine ${action} needs a record, a file, --source NAME, --target NAME or --all`,
      {
        hint: 'tidegate quarantine ls shows them.',
      },
    )
  }
  const dryRun = args.dryRun === true
  const { settleRecords } = await import('@tidegate/project')
  const project = await openCliProject(context, { what: `quarantine ${action}`, readOnly: dryRun })
  try {
    const chosen = await chooseRecords(project, asked, args.source, { target: args.target })
    const targets = new Map(chosen.map((record) => [keyOf(record), record.target]))
    if (action !== 'replay' && args.yes !== true && !dryRun) throw notConfirmed(action, chosen)
    const reports: QuarantineReport[] = []
    for (const [source, records] of Map.groupBy(chosen, (record) => record.source)) {
      const wanted = new Set(records.map(keyOf))
      reports.push(
        await settleRecords(
          project,
          configOf(project, source),
          { action, wants: (item) => wanted.has(keyOf(item)), note: args.note, acceptEdits: args.acceptEdits, dryRun },
          effectsFor(configOf(project, source), project, context),
        ),
      )
    }
    if (!dryRun) await tellChannels(project, context)
    const items = reports
      .flatMap((report) => report.items)
      .map((item) => ({ ...item, target: targets.get(keyOf({ location: item.location, id: item.record })) ?? null }))
    emit(
      context.options.output,
      { schemaVersion: 1, kind: `quarantine-${action}`, dryRun, totals: totalsOfRecords(items), items },
      () => renderSettled(action, items, dryRun, context),
      context.stdout,
    )
    return exitCodeOf(items)
  } finally {
    await project.close()
  }
}

function keyOf({ location, id }: { readonly location: string; readonly id: string }): string {
  return `${location}\0${id}`
}

function notConfirmed(action: QuarantineAction, chosen: readonly ListedRecord[]): TidegateError {
  const rows = chosen.reduce((sum, record) => sum + record.rows, 0)
  const what = `${chosen.length} ${chosen.length === 1 ? 'record' : 'records'} with ${rows} rows`
  return new TidegateError(
    'USAGE_CONFIRM',
    action === 'release' ? `this loads ${what}, whatever the rules say` : `this gives up ${what} for good`,
    { dataNow: 'Nothing was changed.', hint: 'Say so with --yes, or look first with --dry-run.' },
  )
}

/** 3: something is rejected still. 4: some of it was done and some could not be. 1: none of it could be. */
function exitCodeOf(items: readonly RecordOutcome[]): number {
  const refused = items.filter((item) => item.result === 'refused').length
  if (refused > 0) return refused === items.length ? EXIT.failed : EXIT.partial
  return items.some((item) => item.result === 'stays' || item.result === 'partly') ? EXIT.gate : EXIT.ok
}
