import path from 'node:path'
import { fixedPart, runChaos, type ChaosProof } from '@tidegate/project'
import type { CommandContext } from '../context.ts'
import { openCliProject } from '../open.ts'
import { emit, renderTable } from '../render/index.ts'

/** `doctor --chaos`: kills and recovers a small project on the storage of each target, or in the folders that are named. */
export async function doctorChaos(named: readonly string[] | undefined, context: CommandContext): Promise<number> {
  const folders =
    named === undefined || named.length === 0
      ? await configuredFolders(context)
      : named.map((folder) => path.resolve(context.options.directory, folder))
  const items: (ChaosProof & { readonly folder: string })[] = []
  for (const folder of folders) {
    context.progress.message('info', `killing and recovering a small project in ${folder}`)
    for (const proof of await runChaos({ folder, signal: context.signal })) items.push({ folder, ...proof })
  }
  const healthy = items.every(({ proved }) => proved)
  const { style } = context
  emit(
    context.options.output,
    { schemaVersion: 1, kind: 'doctor-chaos', healthy, items },
    () =>
      [
        renderTable({
          width: context.width,
          paintHeader: (text) => style.dim(text),
          columns: [
            { title: '', paint: (text, row) => (items[row]?.proved === true ? style.ok(text) : style.bad(text)) },
            { title: 'folder', min: 12, cut: 'middle' },
            { title: 'what', min: 20 },
            { title: 'found', cut: 'middle' },
          ],
          rows: items.map((item) => [item.proved ? 'proved' : 'failed', item.folder, item.what, item.found]),
        }),
        ...items.flatMap(({ folder, hint, proved }) => (proved || hint === undefined ? [] : [`${folder}: ${hint}`])),
        healthy ? style.ok('This storage keeps what Tidegate promises.') : style.bad('Do not load onto this storage.'),
      ].join('\n'),
    context.stdout,
  )
  return healthy ? 0 : 1
}

/** One folder per target on a file system of ours; targets that lie in the same folder are proved once. */
async function configuredFolders(context: CommandContext): Promise<readonly string[]> {
  const project = await openCliProject(context, { what: 'doctor', readOnly: true })
  try {
    const targets = project.config.sources.flatMap((source) => source.targets)
    const folders = targets.flatMap(({ kind, path: template }) => {
      if (kind === 'postgres') return []
      const folder = fixedPart(template)
      return [kind === 'duckdb' ? path.dirname(folder) : folder]
    })
    return [...new Set(folders)]
  } finally {
    await project.close()
  }
}
