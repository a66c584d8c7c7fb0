import path from 'node:path'
import { TidegateError } from '@tidegate/core'
import { EXIT, type CommandContext } from '../context.ts'
import { openCliProject } from '../open.ts'
import { emit, formatAmount, safeText } from '../render/index.ts'
import { renderImported, renderMigration, renderRenamed, renderVerified } from '../render/state-view.ts'

export interface StateArgs {
  readonly action?: string
  readonly names?: readonly string[]
  readonly status?: boolean
  readonly leaveFiles?: boolean
}

/** `state rebuild | verify | migrate | rename | export | import`: the database behind everything, which the logs can restore. */
export async function state(args: StateArgs, context: CommandContext): Promise<number> {
  switch (args.action) {
    case 'rebuild':
      return rebuild(context)
    case 'verify':
      return verify(context)
    case 'migrate':
      return migrate(args, context)
    case 'rename':
      return rename(args, context)
    case 'export':
      return exportTo(args, context)
    case 'import':
      return importFrom(args, context)
    default:
      throw new TidegateError(
        'USAGE_ACTION',
        `state knows rebuild, verify, migrate, rename, export and import, not ${JSON.stringify(args.action)}`,
      )
  }
}

/** The index is made again from the commit logs beside the data. Runs and check results stay as they are. */
async function rebuild(context: CommandContext): Promise<number> {
  const { rebuildState } = await import('@tidegate/project')
  const project = await openCliProject(context, { what: 'state rebuild' })
  try {
    const items = await rebuildState(project)
    const entries = items.reduce((sum, item) => sum + item.entries, 0)
    emit(
      context.options.output,
      { schemaVersion: 1, kind: 'state-rebuild', items },
      () =>
        `rebuilt from ${formatAmount(items.length, 'target')}: ${formatAmount(entries, 'log entry', 'log entries')}`,
      context.stdout,
    )
    return EXIT.ok
  } finally {
    await project.close()
  }
}

/** The index is compared with the logs. Exit 3 where they differ. */
async function verify(context: CommandContext): Promise<number> {
  const { verifyState } = await import('@tidegate/project')
  const project = await openCliProject(context, { what: 'state verify', readOnly: true })
  try {
    const verified = await verifyState(project)
    const { ledgers, differences, total, breaks } = verified
    const same = total === 0 && breaks.length === 0
    emit(
      context.options.output,
      { schemaVersion: 1, kind: 'state-verify', same, ledgers, total, breaks, items: differences },
      () => renderVerified(verified, context),
      context.stdout,
    )
    return same ? EXIT.ok : EXIT.gate
  } finally {
    await project.close()
  }
}

/** The tables are brought to this version, as every writing command does; with --status only looked at. */
async function migrate({ status }: StateArgs, context: CommandContext): Promise<number> {
  const { migrationStatus } = await import('@tidegate/project/open')
  const looking = await openCliProject(context, { what: 'state migrate', readOnly: true })
  const where = looking.config.state
  await looking.close()
  const before = await migrationStatus(where)
  if (status !== true && before.pending.length > 0) {
    const project = await openCliProject(context, { what: 'state migrate' })
    await project.close()
  }
  const now = status === true ? before : await migrationStatus(where)
  const made = status === true ? [] : before.pending
  emit(
    context.options.output,
    { schemaVersion: 1, kind: 'state-migrate', ...now, made },
    () => renderMigration(now, made),
    context.stdout,
  )
  return EXIT.ok
}

async function rename({ names = [], leaveFiles }: StateArgs, context: CommandContext): Promise<number> {
  const [from, to] = names
  if (from === undefined || to === undefined) {
    throw new TidegateError('USAGE_VALUE', 'state rename needs two names: tidegate state rename FROM TO', {
      hint: 'Names of a source, or locations of a target that was moved: absolute folders, or as `state verify` shows them.',
    })
  }
  const { renameState } = await import('@tidegate/project')
  const project = await openCliProject(context, { what: 'state rename' })
  try {
    const renamed = await renameState(project, from, to, { leaveFiles })
    emit(
      context.options.output,
      { schemaVersion: 1, kind: 'state-rename', ...renamed },
      () => renderRenamed(renamed, project.config.sources.some((source) => source.name === to)), // prettier-ignore
      context.stdout,
    )
    return EXIT.ok
  } finally {
    await project.close()
  }
}

/** What only the state knows, as NDJSON, and beside it what programs of the older platform read. */
async function exportTo({ names: [folder] = [] }: StateArgs, context: CommandContext): Promise<number> {
  if (folder === undefined)
    throw new TidegateError('USAGE_VALUE', 'state export needs a folder: tidegate state export FOLDER')
  const { exportFolder } = await import('@tidegate/project/open')
  const project = await openCliProject(context, { what: 'state export', readOnly: true })
  try {
    const {
      state: rows,
      watermarks,
      checks,
    } = await exportFolder(project.state, path.resolve(context.options.directory, folder))
    const items = [rows, watermarks, checks]
    emit(
      context.options.output,
      { schemaVersion: 1, kind: 'state-export', items },
      () => items.map((item) => `${safeText(item.path)}: ${formatAmount(item.rows, 'row')}`).join('\n'),
      context.stdout,
    )
    return EXIT.ok
  } finally {
    await project.close()
  }
}

/** An export, one of its files, or the SQLite file of the older platform. Importing again changes nothing. */
async function importFrom({ names: [from] = [] }: StateArgs, context: CommandContext): Promise<number> {
  if (from === undefined)
    throw new TidegateError('USAGE_VALUE', 'state import needs a folder or a file: tidegate state import FOLDER')
  const { importState } = await import('@tidegate/project/open')
  const project = await openCliProject(context, { what: 'state import' })
  try {
    const items = await importState(project.state, path.resolve(context.options.directory, from))
    emit(
      context.options.output,
      { schemaVersion: 1, kind: 'state-import', items },
      () => renderImported(items),
      context.stdout,
    )
    return EXIT.ok
  } finally {
    await project.close()
  }
}
