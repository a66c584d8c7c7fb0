import path from 'node:path'
import type { TargetKind } from '@tidegate/core'
import { CHAOS_LIMIT_MS, runChaos, targetFolder, type ChaosOptions, type ChaosProof } from '@tidegate/project'
import type { CommandContext } from '../context.ts'
import { openCliProject } from '../open.ts'
import { emit, renderTable } from '../render/index.ts'

/** What is played in one place. */
type Play = Pick<ChaosOptions, 'folder' | 'kinds' | 'database' | 'state' | 'onlyRounds'>

/** `doctor --chaos`: kills and recovers a small project on the storage of each target, or in the folders that are named. */
export async function doctorChaos(named: readonly string[] | undefined, context: CommandContext): Promise<number> {
  const plays: readonly Play[] =
    named === undefined || named.length === 0
      ? await configuredPlays(context)
      : named.map((folder) => ({ folder: path.resolve(context.options.directory, folder) }))
  const items: (ChaosProof & { readonly folder: string })[] = []
  for (const play of plays) {
    const kinds = play.kinds ?? ['parquet']
    const minutes = Math.ceil((kinds.length * CHAOS_LIMIT_MS) / 60_000)
    context.progress.message(
      'info',
      `killing and recovering a small project (${kinds.join(', ')}) in ${play.folder}, for ${minutes} minutes at most`,
    )
    for (const proof of await runChaos({ ...play, signal: context.signal }))
      items.push({ folder: play.folder, ...proof })
  }
  const healthy = items.every(({ proved, skipped }) => proved || skipped === true)
  const { style } = context
  const outcomeOf = (item: ChaosProof | undefined): 'proved' | 'skipped' | 'failed' =>
    item?.proved === true ? 'proved' : item?.skipped === true ? 'skipped' : 'failed'
  const paint = { proved: style.ok, skipped: style.warn, failed: style.bad }
  emit(
    context.options.output,
    { schemaVersion: 1, kind: 'doctor-chaos', healthy, items },
    () =>
      [
        renderTable({
          width: context.width,
          paintHeader: (text) => style.dim(text),
          columns: [
            { title: '', paint: (text, row) => paint[outcomeOf(items[row])](text) },
            { title: 'folder', min: 12, cut: 'middle' },
            { title: 'what', min: 20 },
            { title: 'found', cut: 'middle' },
          ],
          rows: items.map((item) => [outcomeOf(item), item.folder, item.what, item.found]),
        }),
        ...items.flatMap(({ folder, hint, proved }) => (proved || hint === undefined ? [] : [`${folder}: ${hint}`])),
        healthy ? style.ok('This storage keeps what Tidegate promises.') : style.bad('Do not load onto this storage.'),
      ].join('\n'),
    context.stdout,
  )
  return healthy ? 0 : 1
}

/**
 * Every kind of target that the project has, on the storage where it lies, with the kind of state that the project has. Targets
 * that lie in the same folder are played once; those in Postgres from the project's own folder, where they stage.
 */
async function configuredPlays(context: CommandContext): Promise<readonly Play[]> {
  const project = await openCliProject(context, { what: 'doctor', readOnly: true })
  try {
    const { config } = project
    const isPostgres = /^postgres(?:ql)?:/.test(config.state)
    const state = isPostgres ? { state: config.state } : {}
    const kinds = new Map<string, Set<TargetKind>>()
    const servers = new Set<string>()
    for (const target of config.sources.flatMap((source) => source.targets)) {
      const folder = targetFolder(target)
      if (folder === undefined) servers.add(target.path)
      else kinds.set(folder, (kinds.get(folder) ?? new Set()).add(target.kind))
    }
    const onDisk = [...kinds].map(([folder, found]): Play => ({ folder, kinds: [...found], ...state }))
    const folder = config.directory
    // A template of databases has no server that could be asked.
    const inPostgres = [...servers]
      .filter((url) => !url.includes('{'))
      .map((database): Play => ({ folder, kinds: ['postgres'], database, onlyRounds: kinds.has(folder), ...state }))
    return [...onDisk, ...inPostgres]
  } finally {
    await project.close()
  }
}
