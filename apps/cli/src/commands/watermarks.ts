import { TidegateError } from '@tidegate/core'
import type { CommandContext } from '../context.ts'
import { openCliProject } from '../open.ts'
import { emit, formatAge, formatCount, renderTable } from '../render/index.ts'

export interface WatermarksArgs {
  readonly action?: string
  readonly source?: string
  readonly value?: string
  readonly type?: string
  readonly yes?: boolean
}

/** `watermarks ls | get SOURCE | set SOURCE VALUE | reset SOURCE`. Setting one never makes a file be read again. */
export async function watermarks(args: WatermarksArgs, context: CommandContext): Promise<number> {
  const action = args.action ?? 'ls'
  const writes = action === 'set' || action === 'reset'
  if (!['ls', 'get', 'set', 'reset'].includes(action)) {
    throw new TidegateError('USAGE_ACTION', `watermarks knows ls, get, set and reset, not ${JSON.stringify(action)}`)
  }
  const project = await openCliProject(context, { what: `watermarks ${action}`, readOnly: !writes })
  try {
    const { state } = project
    if (action === 'ls') {
      const items = await state.listWatermarks()
      emit(
        context.options.output,
        { schemaVersion: 1, kind: 'watermarks', items },
        () =>
          items.length === 0
            ? 'No watermarks yet: a source has one when `watermark: { column: … }` is set and rows were loaded.'
            : renderTable({
                width: context.width,
                columns: [
                  { title: 'source' },
                  { title: 'watermark' },
                  { title: 'type' },
                  { title: 'updated' },
                  { title: 'rows', align: 'right' },
                ],
                rows: items.map((item) => [
                  item.source,
                  item.value,
                  item.type,
                  formatAge(context.nowMs(), item.updatedAtMs),
                  formatCount(item.recordsProcessed),
                ]),
              }),
        context.stdout,
      )
      return 0
    }
    const source = args.source
    if (source === undefined) throw new TidegateError('USAGE_SOURCE', `watermarks ${action} needs the name of a source`)
    if (action === 'get') {
      const found = await state.getWatermark(source)
      if (found === undefined) context.progress.message('warn', `source ${source} has no watermark`)
      if (found !== undefined || context.options.output !== 'table') {
        emit(
          context.options.output,
          { schemaVersion: 1, kind: 'watermark', watermark: found ?? null },
          () => found?.value ?? '',
          context.stdout,
        )
      }
      return found === undefined ? 1 : 0
    }
    if (action === 'set') {
      if (args.value === undefined)
        throw new TidegateError('USAGE_VALUE', 'watermarks set needs a value: tidegate watermarks set SOURCE VALUE')
      const set = await state.updateWatermark(source, args.value, args.type === undefined ? {} : { type: args.type })
      emit(
        context.options.output,
        { schemaVersion: 1, kind: 'watermark', watermark: set },
        () => `${source}: ${set.value}`,
        context.stdout,
      )
      return 0
    }
    if (args.yes !== true) {
      throw new TidegateError('USAGE_CONFIRM', `this forgets the watermark of ${source}`, {
        hint: 'Say so with --yes. No file is read again because of it.',
      })
    }
    const gone = await state.resetWatermark(source)
    emit(
      context.options.output,
      { schemaVersion: 1, kind: 'watermark-reset', source, reset: gone },
      () => (gone ? `${source}: forgotten` : `${source} had none`),
      context.stdout,
    )
    return 0
  } finally {
    await project.close()
  }
}

export function listWatermarks(_args: unknown, context: CommandContext): Promise<number> {
  return watermarks({ action: 'ls' }, context)
}
