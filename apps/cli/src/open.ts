import type { Problem } from '@tidegate/config'
import { renderProblem } from '@tidegate/config'
import { TidegateError, codeOf } from '@tidegate/core'
import { openProject, type Project } from '@tidegate/project'
import type { ProgressEvent } from '@tidegate/pipeline'
import type { CommandContext } from './context.ts'
import { createStyle, type Stage } from './render/index.ts'

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
      printProblems(opened.problems)
      throw problemsError(opened.problems)
  }
}

export function printProblems(problems: readonly Problem[]): void {
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

/** Turns the pipeline's events into bars or heartbeat lines. */
export function reportTo(context: CommandContext): (event: ProgressEvent) => void {
  const open = new Map<string, { stage: Stage; files: number; rows: number; bytes: number }>()
  return (event) => {
    switch (event.kind) {
      case 'stage-started': {
        const total = {
          ...(event.files === undefined ? {} : { files: event.files }),
          ...(event.bytes === undefined ? {} : { bytes: event.bytes }),
        }
        open.get(event.stage)?.stage.end()
        open.set(event.stage, { stage: context.progress.stage(event.stage, total), files: 0, rows: 0, bytes: 0 })
        return
      }
      case 'stage-advanced': {
        const current = open.get(event.stage)
        if (current === undefined) return
        current.files += event.files ?? 0
        current.rows += event.rows ?? 0
        current.bytes += event.bytes ?? 0
        current.stage.update({
          files: current.files,
          ...(current.rows > 0 ? { rows: current.rows } : {}),
          ...(current.bytes > 0 ? { bytes: current.bytes } : {}),
        })
        return
      }
      case 'stage-ended':
        open.get(event.stage)?.stage.end(event.summary)
        open.delete(event.stage)
        return
      case 'note':
        context.progress.message(event.level, event.message)
    }
  }
}

/** True for failures that end one source but not the command. */
export function isSourceFailure(error: unknown): boolean {
  return codeOf(error) !== undefined
}
