import { TidegateError } from '@tidegate/core'
import { MONITOR_SECTIONS, monitorReport, type MonitorReport, type MonitorSection } from '@tidegate/monitor'
import type { Project } from '@tidegate/project/open'
import type { CommandContext } from '../context.ts'
import { openCliProject } from '../open.ts'
import { emit } from '../render/index.ts'
import { renderMonitor } from '../render/monitor-view.ts'
import { monitorPayload } from './monitor/monitor-payload.ts'
import { readSubject, sinceOf, type Subject } from './monitor/read-subject.ts'

export interface MonitorArgs {
  readonly section?: string
  readonly sources?: readonly string[]
  readonly source?: readonly string[]
  readonly since?: string
  readonly watch?: boolean
  readonly html?: string
  readonly export?: string
  readonly serve?: boolean
  readonly port?: number
  readonly includeSamples?: boolean
  readonly force?: boolean
}

/** `monitor [section] [sources..]`: `--output json` gives the view models themselves. Changes nothing of the project. */
export async function monitor(args: MonitorArgs, context: CommandContext): Promise<number> {
  if (args.section === 'diff') return (await import('./monitor/diff.ts')).diff(args.sources ?? [], context)
  refuseContradictions(args, context)
  const project = await openCliProject(context, { what: 'monitor', readOnly: true })
  try {
    const { section, names } = wordsOf(args, project)
    const subject: Subject = { project, names, since: args.since ?? '7d' }
    if (args.serve === true) {
      const { port, includeSamples = false } = args
      return await (await import('./monitor/serve.ts')).serve(subject, { port, includeSamples }, context)
    }
    if (args.html !== undefined) {
      const { html, includeSamples = false, force = false } = args
      return await (
        await import('./monitor/write-html.ts')
      ).writeHtml(subject, { html, includeSamples, force }, context)
    }
    if (args.export !== undefined)
      return await (await import('./monitor/export-report.ts')).exportReport(subject, args.export, context)
    if (args.watch === true) return await (await import('./monitor/watch.ts')).watch(subject, section, context)
    const report = await reportOn(names, subject.since, project, context)
    const { output, width, style } = { ...context, output: context.options.output }
    emit(output, monitorPayload(report, section), () => renderMonitor(report, section, style, width), context.stdout)
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
  const { facts, context: about } = await readSubject({ project, names, since }, context)
  return monitorReport(facts, about)
}

/** The first word is a section, or else a source. */
function wordsOf(
  args: MonitorArgs,
  project: Project,
): { readonly section: MonitorSection | undefined; readonly names: readonly string[] } {
  const names = [...(args.source ?? []), ...(args.sources ?? [])]
  const word = args.section
  if (word === undefined) return { section: undefined, names }
  const section = MONITOR_SECTIONS.find((known) => known === word)
  if (section !== undefined) return { section, names }
  if (project.config.sources.some((source) => source.name === word)) return { section, names: [word, ...names] }
  throw new TidegateError('USAGE_SECTION', `monitor has no section and the project no source ${JSON.stringify(word)}`, {
    hint: `Its sections are: ${MONITOR_SECTIONS.join(', ')}.`,
  })
}

/** Before anything is opened. */
function refuseContradictions(args: MonitorArgs, { options }: CommandContext): void {
  sinceOf(args.since ?? '7d')
  const forms = [
    ...(args.serve === true ? ['--serve'] : []),
    ...(args.html === undefined ? [] : ['--html']),
    ...(args.export === undefined ? [] : ['--export']),
    ...(args.watch === true ? ['--watch'] : []),
  ]
  const refuse = (message: string): never => {
    throw new TidegateError('USAGE_MONITOR', message, { hint: 'See `tidegate monitor --help`.' })
  }
  if (forms.length > 1) refuse(`${forms.join(' and ')} do not go together`)
  if (args.port !== undefined && args.serve !== true) refuse('--port goes with --serve')
  if (args.includeSamples === true && args.html === undefined && args.serve !== true)
    refuse('--include-samples goes with --html or --serve')
  if ((options.output as string) === 'markdown') refuse('--output markdown goes with diff')
  if (args.watch === true && options.output === 'json') refuse('--watch writes --output ndjson, one line per change')
}
