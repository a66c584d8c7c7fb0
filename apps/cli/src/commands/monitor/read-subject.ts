import { parseDuration } from '@tidegate/config'
import { TidegateError } from '@tidegate/core'
import { monitoredSources, readFacts, type Facts, type MonitorContext } from '@tidegate/monitor'
import { selectSources, type Project } from '@tidegate/project/open'
import type { CommandContext } from '../../context.ts'

/** What is looked at. */
export interface Subject {
  readonly project: Project
  /** Of sources; all, when none is named. */
  readonly names: readonly string[]
  /** As written: `7d`. */
  readonly since: string
}

/** Reads the past of the subject up to now. */
export async function readSubject(
  subject: Subject,
  { nowMs, version }: CommandContext,
): Promise<{ readonly facts: Facts; readonly context: MonitorContext }> {
  const { project, names, since } = subject
  const sources = selectSources(project.config, names)
  const atMs = nowMs()
  const facts = await readFacts(project.state, {
    sinceMs: atMs - sinceOf(since),
    nowMs: atMs,
    sources: names.length === 0 ? undefined : sources.map((source) => source.name),
  })
  return {
    facts,
    context: { nowMs: atMs, config: monitoredSources({ sources }), version, command: commandOf(subject) },
  }
}

/** @throws TidegateError `USAGE_SINCE` */
export function sinceOf(since: string): number {
  const ms = parseDuration(since)
  if (ms !== undefined) return ms
  throw new TidegateError('USAGE_SINCE', `--since takes a duration such as 24h or 7d, not ${JSON.stringify(since)}`)
}

/** The command that looks at the same again. */
export function commandOf({ names, since }: Pick<Subject, 'names' | 'since'>, more: readonly string[] = []): string {
  const words = ['tidegate', 'monitor', '--since', since, ...names.flatMap((name) => ['--source', name]), ...more]
  return words.map((word) => (/^[\w./:@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ')
}
