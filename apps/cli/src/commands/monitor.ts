import { parseDuration } from '@tidegate/config'
import { TidegateError } from '@tidegate/core'
import {
  MONITOR_SECTIONS,
  monitorReport,
  monitoredSources,
  readHistory,
  type MonitorReport,
  type MonitorSection,
} from '@tidegate/monitor'
import { selectSources, type Project } from '@tidegate/project'
import type { CommandContext } from '../context.ts'
import { openCliProject } from '../open.ts'
import { emit } from '../render/index.ts'
import { renderMonitor } from '../render/monitor-view.ts'

export interface MonitorArgs {
  readonly section?: string
  readonly sources?: readonly string[]
  readonly source?: readonly string[]
  readonly since?: string
}

/** `monitor [section] [sources..]`: `--output json` gives the view models themselves. Changes nothing. */
export async function monitor(args: MonitorArgs, context: CommandContext): Promise<number> {
  const project = await openCliProject(context, { what: 'monitor', readOnly: true })
  try {
    const names = [...(args.source ?? []), ...(args.sources ?? [])]
    let section: MonitorSection | undefined
    if (args.section !== undefined) {
      if (isSection(args.section)) section = args.section
      else if (project.config.sources.some((source) => source.name === args.section)) names.push(args.section)
      else
        throw new TidegateError(
          'USAGE_SECTION',
          `monitor has no section and the project no source ${JSON.stringify(args.section)}`,
          { hint: `Its sections are: ${MONITOR_SECTIONS.join(', ')}.` },
        )
    }
    const report = await reportOn(names, args.since ?? '7d', project, context)
    emit(
      context.options.output,
      section === undefined
        ? { ...report, kind: 'monitor' }
        : { schemaVersion: 1, kind: `monitor-${section}`, [section]: report[section] },
      () => renderMonitor(report, section, context.style, context.width),
      context.stdout,
    )
    return 0
  } finally {
    await project.close()
  }
}

/** The view models of these sources (all, when none is named) over the last `since`. */
export async function reportOn(
  names: readonly string[],
  since: string,
  project: Project,
  context: CommandContext,
): Promise<MonitorReport> {
  const sinceMs = parseDuration(since)
  if (sinceMs === undefined)
    throw new TidegateError('USAGE_SINCE', `--since takes a duration such as 24h or 7d, not ${JSON.stringify(since)}`)
  const sources = selectSources(project.config, names)
  const nowMs = context.nowMs()
  const history = await readHistory(project.state, {
    sinceMs: nowMs - sinceMs,
    nowMs,
    sources: names.length === 0 ? undefined : sources.map((source) => source.name),
  })
  return monitorReport(history, { nowMs, config: monitoredSources({ sources }) })
}

function isSection(text: string): text is MonitorSection {
  return (MONITOR_SECTIONS as readonly string[]).includes(text)
}
