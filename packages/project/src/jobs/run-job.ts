/** What one attempt of a job does, whatever asked for it. Effects come from the project; the outcome is a value. */
import {
  codeOf,
  isTidegateError,
  messageOf,
  TidegateError,
  type AttemptEnd,
  type JobCommand,
  type SourceConfig,
} from '@tidegate/core'
import type { PipelineEffects, ProgressEvent } from '@tidegate/pipeline'
import { selectSources, type Project } from '../open-project.ts'
import type { JobArgs } from './job-args.ts'

/** `run` is the id under which history and pages will know it; `source` is empty where the whole project is meant. */
export interface JobOrder {
  readonly command: JobCommand
  readonly source: string
  readonly args: JobArgs
  readonly run: string
}

export interface JobHooks {
  /** Progress for people; never awaited. */
  readonly report?: ((event: ProgressEvent) => void) | undefined
  /**
   * Stops the work. Its reason says how the attempt ends: `expired`, `interrupted`, else as cancelled.
   */
  readonly signal?: AbortSignal | undefined
}

/** How it ended; the summary is null where the attempt ended before there was anything to count. */
export type JobOutcome = Pick<AttemptEnd, 'outcome' | 'errorCode' | 'errorMessage' | 'summary'>

/** What the commands work with. */
export interface JobContext {
  readonly project: Project
  readonly order: JobOrder
  readonly effects: PipelineEffects
}

/** Never throws for what belongs to the job. */
export async function runJob(project: Project, order: JobOrder, hooks: JobHooks = {}): Promise<JobOutcome> {
  const signal = hooks.signal === undefined ? project.effects.signal : AbortSignal.any([project.effects.signal, hooks.signal]) // prettier-ignore
  const effects = { ...project.effects, signal, report: hooks.report ?? project.effects.report }
  try {
    signal.throwIfAborted()
    return endedBy(signal, await carryOut({ project: { ...project, effects }, order, effects }))
  } catch (error) {
    return endedBy(signal, failureOf(error))
  }
}

async function carryOut(context: JobContext): Promise<JobOutcome> {
  const { command } = context.order
  switch (command) {
    case 'ingest':
      return (await import('./ingest-job.ts')).ingestJob(sourceOf(context), context)
    case 'replay':
    case 'release':
    case 'discard':
      return (await import('./quarantine-job.ts')).quarantineJob(command, sourceOf(context), context)
    case 'maintain':
      return (await import('./maintain-job.ts')).maintainJob(context)
    case 'arrivals':
      return (await import('./arrivals-job.ts')).arrivalsJob(context)
    case 'digest':
      return (await import('./digest-job.ts')).digestJob(context)
    default:
      return unknownCommand(command)
  }
}

function unknownCommand(command: never): never {
  throw new TidegateError('JOB_UNKNOWN_COMMAND', `no job is called ${JSON.stringify(command)}`, {
    hint: 'The job was made by a newer version of Tidegate.',
    dataNow: 'Nothing was changed.',
  })
}

function sourceOf({ project, order }: JobContext): SourceConfig {
  const [source] = selectSources(project.config, [order.source])
  if (source === undefined) throw new Error('one source was asked for')
  return source
}

/** What was thrown, as an outcome. Another run on the source is no failure. */
function failureOf(error: unknown): JobOutcome {
  const code = isTidegateError(error) ? error.code : (codeOf(error) ?? 'INTERNAL')
  const outcome = code === 'LEASE_HELD' ? 'lease-held' : 'failed'
  return { outcome, errorCode: code, errorMessage: messageOf(error), summary: null }
}

/** Who was told to stop did not fail by itself; who was done before is done. */
function endedBy(signal: AbortSignal, outcome: JobOutcome): JobOutcome {
  if (!signal.aborted || (outcome.outcome !== 'failed' && outcome.outcome !== 'lease-held')) return outcome
  const reason: unknown = signal.reason
  const end = reason === 'expired' || reason === 'interrupted' ? reason : 'cancelled'
  return { ...outcome, outcome: end, errorCode: 'CANCELLED', errorMessage: WORDS[end] }
}

const WORDS = {
  cancelled: 'stopped on request',
  expired: 'stopped: it took longer than it may',
  interrupted: 'stopped with the daemon; the next attempt goes on where it ended',
} as const
