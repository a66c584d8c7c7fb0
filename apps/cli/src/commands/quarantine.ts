import path from 'node:path'
import { TidegateError } from '@tidegate/core'
import type { CommandContext } from '../context.ts'
import { openCliProject } from '../open.ts'
import { emit, formatAge, formatCount, renderTable } from '../render/index.ts'
import { whyOf } from '../render/ingest-view.ts'
import { files } from './files.ts'

/** `quarantine ls | show FILE`: what is held or split off, and why. */
export async function quarantine(
  args: { readonly action?: string; readonly file?: string; readonly source?: string },
  context: CommandContext,
): Promise<number> {
  if (args.action === 'show') {
    if (args.file === undefined)
      throw new TidegateError('USAGE_PATH', 'quarantine show needs the path of a file', {
        hint: 'tidegate quarantine ls shows them.',
      })
    return files(
      { action: 'explain', paths: [args.file], ...(args.source === undefined ? {} : { source: args.source }) },
      context,
    )
  }
  if (args.action !== 'ls')
    throw new TidegateError('USAGE_ACTION', `quarantine knows ls and show, not ${JSON.stringify(args.action)}`)
  const project = await openCliProject(context, { what: 'quarantine ls', readOnly: true })
  try {
    const all = await project.state.listFiles({ source: args.source })
    const newest = new Map(all.map((file) => [`${file.source}/${file.path}`, file.ordinal]))
    for (const file of all)
      newest.set(`${file.source}/${file.path}`, Math.max(file.ordinal, newest.get(`${file.source}/${file.path}`) ?? 0))
    const items = all
      .filter((file) => file.quarantinePath !== null && newest.get(`${file.source}/${file.path}`) === file.ordinal)
      .map((file) => {
        const folder = project.config.sources.find((source) => source.name === file.source)?.quarantine.path ?? ''
        return {
          source: file.source,
          dataset: file.dataset,
          path: file.path,
          version: file.ordinal,
          kind: file.outcome === 'held' ? ('file' as const) : ('rows' as const),
          rows: file.rowsRejected,
          reasons: file.reasons,
          heldAtMs: file.decidedAtMs,
          place: path.join(folder, file.quarantinePath ?? ''),
        }
      })
    const { style } = context
    emit(
      context.options.output,
      { schemaVersion: 1, kind: 'quarantine', items },
      () =>
        items.length === 0
          ? 'Nothing is held.'
          : renderTable({
              width: context.width,
              paintHeader: (text) => style.dim(text),
              columns: [
                { title: 'what' },
                { title: 'source' },
                { title: 'file', cut: 'middle', min: 20 },
                { title: 'rows', align: 'right' },
                { title: 'held' },
                { title: 'why' },
              ],
              rows: items.map((item) => [
                item.kind,
                item.source,
                item.path,
                formatCount(item.rows),
                formatAge(context.nowMs(), item.heldAtMs),
                whyOf(item),
              ]),
            }),
      context.stdout,
    )
    return 0
  } finally {
    await project.close()
  }
}
