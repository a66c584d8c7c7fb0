import type { CommandContext } from '../context.ts'
import { openCliProject } from '../open.ts'
import { emit, formatAge, formatCount, formatDuration, renderTable } from '../render/index.ts'

/** Runs, newest first. */
export async function history(
  args: { readonly source?: string; readonly limit?: number },
  context: CommandContext,
): Promise<number> {
  const project = await openCliProject(context, { what: 'history', readOnly: true })
  try {
    const runs = await project.state.listRuns({ source: args.source, limit: args.limit ?? 20 })
    const repaired = Map.groupBy(
      await project.state.listFiles({ source: args.source, repairedOnly: true }),
      (file) => file.run,
    )
    const items = runs.map((run) => ({ ...run, filesRepaired: repaired.get(run.id)?.length ?? 0 }))
    const showRepaired = items.some((run) => run.filesRepaired > 0)
    const { style } = context
    emit(
      context.options.output,
      { schemaVersion: 1, kind: 'history', items },
      () =>
        items.length === 0
          ? 'No runs yet. Begin with: tidegate ingest'
          : renderTable({
              width: context.width,
              paintHeader: (text) => style.dim(text),
              columns: [
                { title: 'started' },
                { title: 'command' },
                { title: 'source' },
                { title: 'status', paint: (text, row) => paintStatus(text, items[row]?.status, style) },
                { title: 'took', align: 'right' },
                { title: 'files', align: 'right' },
                { title: 'loaded', align: 'right' },
                ...(showRepaired ? [{ title: 'repaired', align: 'right' as const }] : []),
                { title: 'held', align: 'right' },
                { title: 'failed', align: 'right' },
                { title: 'rows loaded', align: 'right' },
                { title: 'rows held', align: 'right' },
                { title: 'error' },
              ],
              rows: items.map((run) => [
                formatAge(context.nowMs(), run.startedAtMs),
                run.command,
                run.source,
                run.status,
                run.endedAtMs === null ? '–' : formatDuration(run.endedAtMs - run.startedAtMs),
                formatCount(run.filesSeen),
                formatCount(run.filesLoaded),
                ...(showRepaired ? [formatCount(run.filesRepaired)] : []),
                formatCount(run.filesHeld),
                formatCount(run.filesFailed),
                formatCount(run.rowsLoaded),
                formatCount(run.rowsRejected),
                run.errorMessage ?? '',
              ]),
            }),
      context.stdout,
    )
    return 0
  } finally {
    await project.close()
  }
}

function paintStatus(text: string, status: string | undefined, style: CommandContext['style']): string {
  if (status === 'ok' || status === 'nothing-new') return style.ok(text)
  return status === 'running' || status === 'interrupted' ? style.warn(text) : style.bad(text)
}
