import { diagnoseMachine } from '@tidegate/project'
import type { CommandContext } from '../context.ts'
import { openCliProject, quietEffects } from '../open.ts'
import { emit, renderTable } from '../render/index.ts'

export interface DoctorArgs {
  readonly chaos?: boolean
  readonly target?: readonly string[]
}

/** Looks for what would go wrong: platform, engine, memory, folders, file systems, space, contracts, leases. */
export async function doctor(args: DoctorArgs, context: CommandContext): Promise<number> {
  if (args.chaos === true) return await (await import('./doctor-chaos.ts')).doctorChaos(args.target, context)
  const project = await openCliProject(context, { what: 'doctor' })
  try {
    const items = await diagnoseMachine({ ...project, effects: quietEffects(project) })
    const { style } = context
    const bad = items.filter((item) => item.outcome === 'bad')
    emit(
      context.options.output,
      { schemaVersion: 1, kind: 'doctor', healthy: bad.length === 0, items },
      () =>
        [
          renderTable({
            width: context.width,
            paintHeader: (text) => style.dim(text),
            columns: [
              {
                title: '',
                paint: (text, row) =>
                  items[row]?.outcome === 'ok'
                    ? style.ok(text)
                    : items[row]?.outcome === 'warn'
                      ? style.warn(text)
                      : style.bad(text),
              },
              { title: 'what', min: 12 },
              { title: 'found', cut: 'middle' },
            ],
            rows: items.map((item) => [item.outcome, item.what, item.found]),
          }),
          ...items.flatMap((item) => (item.fix === undefined ? [] : [`${item.what}: ${item.fix}`])),
          ...(bad.length === 0
            ? [
                style.ok('Nothing stands in the way.'),
                '',
                style.bold('Next'),
                '  tidegate profile    # learn a contract per dataset, where there is none',
                '  tidegate ingest --dry-run',
              ]
            : [style.bad(`${bad.length} to mend.`)]),
        ].join('\n'),
      context.stdout,
    )
    return bad.length === 0 ? 0 : 1
  } finally {
    await project.close()
  }
}
