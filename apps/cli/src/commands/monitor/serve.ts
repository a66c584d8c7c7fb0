import path from 'node:path'
import { liveAssets } from '@tidegate/dashboard'
import { monitoredSources } from '@tidegate/monitor'
import { selectSources } from '@tidegate/project/open'
import { serveMonitor } from '@tidegate/server'
import type { CommandContext } from '../../context.ts'
import { emit } from '../../render/index.ts'
import { commandOf, sinceOf, type Subject } from './read-subject.ts'
import { untilAborted } from '../../until-aborted.ts'

export interface ServeOptions {
  readonly port: number | undefined
  readonly includeSamples: boolean
}

/** `monitor --serve`: the live page on this machine, until a signal ends it. */
export async function serve(subject: Subject, options: ServeOptions, context: CommandContext): Promise<number> {
  const { project, names } = subject
  const server = await serveMonitor({
    facts: project.state,
    assets: liveAssets(),
    sources: monitoredSources({ sources: selectSources(project.config, names) }),
    project: path.basename(project.config.directory),
    version: context.version,
    command: commandOf(subject, ['--serve']),
    includeSamples: options.includeSamples,
    sinceMs: sinceOf(subject.since),
    port: options.port,
    nowMs: context.nowMs,
  })
  try {
    emit(
      context.options.output,
      { schemaVersion: 1, kind: 'monitor-serve', url: server.url, port: server.port },
      () => `The live page: ${server.url}\nOnly this machine can open it. Ctrl-C ends it.`,
      context.stdout,
    )
    await untilAborted(context.signal)
    return 0
  } finally {
    await server.close()
  }
}
