import { datasetsOf, fillPath, listSource } from '@tidegate/pipeline'
import { exists } from './exists.ts'
import type { Project } from './open-project.ts'

/** Contracts that exist for the datasets of the project's sources. */
export async function contractFilesOf(project: Project): Promise<readonly string[]> {
  const files = new Set<string>()
  for (const source of project.config.sources) {
    for (const dataset of datasetsOf(source, await listSource(source, project.exclude, project.effects))) {
      const file = fillPath(source.contract, source.name, dataset)
      if (await exists(file)) files.add(file)
    }
  }
  return [...files].sort()
}
