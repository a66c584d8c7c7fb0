import path from 'node:path'
import { holdLease, type HeldLease } from '@tidegate/pipeline'
import type { RenamedSource } from '@tidegate/state'
import type { Project } from './open-project.ts'

export type RenamedState =
  | { readonly what: 'location'; readonly from: string; readonly to: string }
  | ({ readonly what: 'source'; readonly from: string; readonly to: string } & RenamedSource)

/**
 * Gives a target that was moved, or a source, the name it has now. What has a `/`, a `:` or a `#` in it is a location: a folder
 * (relative ones are below the project), or as `state verify` shows it. No run works on any source meanwhile.
 *
 * @throws TidegateError `LEASE_HELD`, `STATE_RENAME`
 */
export async function renameState(
  project: Project,
  from: string,
  to: string,
  options: { readonly leaveFiles?: boolean | undefined } = {},
): Promise<RenamedState> {
  const leases: HeldLease[] = []
  const isPlace = /[/\\:#]/.test(from)
  try {
    for (const { name } of project.config.sources) leases.push(await holdLease(name, project.effects))
    if (isPlace) {
      const [before, now] = [place(from, project), place(to, project)]
      await project.state.renameLocation(before, now)
      return { what: 'location', from: before, to: now }
    }
  } finally {
    for (const lease of leases) await lease[Symbol.asyncDispose]()
  }
  // The lease of a source has its name, too, so that it cannot be held while it is renamed.
  return { what: 'source', from, to, ...(await project.state.renameSource(from, to, options)) }
}

function place(text: string, { config }: Project): string {
  return /^[a-z]+:/i.test(text) ? text : path.resolve(config.directory, text)
}
