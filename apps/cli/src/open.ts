import type { Problem } from '@tidegate/config'
import { renderProblem } from '@tidegate/config'
import { TidegateError, type SourceConfig } from '@tidegate/core'
import { openProject, type Project } from '@tidegate/project/open'
import type { PipelineEffects, ProgressEvent } from '@tidegate/pipeline'
import type { CommandContext } from './context.ts'
import { createStyle, type Amounts, type Stage } from './render/index.ts'

export interface OpenOptions {
  readonly readOnly?: boolean
  readonly what: string
}

/** Opens the project of `-C DIR` or throws a coded error; all configuration problems are printed, not only the first. */
export async function openCliProject(context: CommandContext, options: OpenOptions): Promise<Project> {
  const { directory, env, set } = context.options
  const opened = await openProject({
    directory,
    environment: env,
    set,
    readOnly: options.readOnly,
    what: `tidegate ${options.what} (pid ${process.pid})`,
    signal: context.signal,
    report: reportTo(context),
  })
  switch (opened.kind) {
    case 'ok':
      for (const warning of opened.project.warnings)
        context.progress.message('warn', renderProblem(warning, { color: false }))
      return opened.project
    case 'missing':
      throw new TidegateError('CONFIG_NOT_FOUND', `there is no tidegate.yaml in ${directory}`, {
        hint: 'Run `tidegate init` there (or `tidegate init --from <files>`), or name the folder with -C DIR. `tidegate check FILE` needs none.',
      })
    case 'problems':
      printProblems(opened.problems, context)
      throw problemsError(opened.problems)
  }
}

export function printProblems(problems: readonly Problem[], { options, progress }: CommandContext): void {
  if (options.logFormat === 'json') {
    for (const { severity, message, ...problem } of problems)
      progress.message(severity === 'error' ? 'error' : 'warn', message, { ...problem, event: 'problem' })
    return
  }
  const color = createStyle(process.stderr).enabled
  for (const problem of problems) process.stderr.write(`${renderProblem(problem, { color })}\n\n`)
}

export function problemsError(problems: readonly Problem[]): TidegateError {
  const count = problems.filter((problem) => problem.severity === 'error').length
  return new TidegateError('CONFIG_INVALID', `${count} ${count === 1 ? 'problem' : 'problems'} in the configuration`, {
    dataNow: 'Nothing was read or changed.',
    hint: 'Mend the places above; `tidegate config check` looks again.',
  })
}

/** Stages that are over at once, most of the time: they are shown only when they take longer than this. */
const SHORT_STAGES: ReadonlySet<string> = new Set(['discover', 'identify'])
const SHOWN_AFTER_MS = 1000

/**
 * Turns the pipeline's events into bars or heartbeat lines.
 *
 * @param scope what the stages belong to, a source's name; it stands before theirs
 */
export function reportTo(context: CommandContext, scope?: string): (event: ProgressEvent) => void {
  const open = new Map<string, OpenStage>()
  const show = (current: OpenStage, stage: string): Stage =>
    (current.shown ??= context.progress.stage(scope === undefined ? stage : `${scope}: ${stage}`, current.total))
  return (event) => {
    switch (event.kind) {
      case 'stage-started': {
        const total = {
          ...(event.files === undefined ? {} : { files: event.files }),
          ...(event.bytes === undefined ? {} : { bytes: event.bytes }),
        }
        open.get(event.stage)?.shown?.end()
        const current: OpenStage = {
          total,
          startedAtMs: context.nowMs(),
          shown: undefined,
          files: 0,
          rows: 0,
          bytes: 0,
        }
        open.set(event.stage, current)
        if (!SHORT_STAGES.has(event.stage)) show(current, event.stage)
        return
      }
      case 'stage-advanced': {
        const current = open.get(event.stage)
        if (current === undefined) return
        current.files += event.files ?? 0
        current.rows += event.rows ?? 0
        current.bytes += event.bytes ?? 0
        if (current.shown === undefined && context.nowMs() - current.startedAtMs < SHOWN_AFTER_MS) return
        show(current, event.stage).update({
          files: current.files,
          ...(current.rows > 0 ? { rows: current.rows } : {}),
          ...(current.bytes > 0 ? { bytes: current.bytes } : {}),
        })
        return
      }
      case 'stage-ended':
        open.get(event.stage)?.shown?.end(event.summary)
        open.delete(event.stage)
        return
      case 'note':
        context.progress.message(event.level, scope === undefined ? event.message : `${scope}: ${event.message}`)
    }
  }
}

interface OpenStage {
  readonly total: Amounts
  readonly startedAtMs: number
  shown: Stage | undefined
  files: number
  rows: number
  bytes: number
}

/** The project's effects with progress that names the source. */
export function effectsFor(source: SourceConfig, project: Project, context: CommandContext): PipelineEffects {
  return { ...project.effects, report: reportTo(context, source.name) }
}

/** The project's effects without progress, for what is over at once. */
export function quietEffects(project: Project): PipelineEffects {
  return { ...project.effects, report: () => {} }
}
