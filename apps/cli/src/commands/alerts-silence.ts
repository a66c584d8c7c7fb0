import os from 'node:os'
import { parseDuration } from '@tidegate/config'
import { TidegateError, type AlertMatcher, type SilenceRecord } from '@tidegate/core'
import { ALERT_KINDS, matchesAlert, type Project } from '@tidegate/project/open'
import { EXIT, type CommandContext } from '../context.ts'
import { silenceItem } from '../render/alerts-view.ts'
import { emit, formatInstant } from '../render/index.ts'

export interface SilenceArgs {
  readonly id?: string
  readonly source?: string
  readonly dataset?: string
  readonly kind?: string
  readonly severity?: string
  readonly for?: string
  readonly reason?: string
}

const YEAR_MS = 366 * 86_400_000

/** `alerts silence`: an end and a reason are asked for, so that nobody is left in the dark for ever. */
export async function makeSilence(
  args: SilenceArgs,
  { state, effects }: Project,
  context: CommandContext,
): Promise<number> {
  const matcher = matcherOf(args)
  const forMs = args.for === undefined ? undefined : parseDuration(args.for)
  if (forMs === undefined || forMs <= 0 || forMs > YEAR_MS)
    throw new TidegateError(
      'USAGE_SILENCE',
      'alerts silence needs --for with a duration of at most a year, such as 30m, 2h or 1d',
    )
  if (args.reason === undefined || args.reason.trim() === '')
    throw new TidegateError(
      'USAGE_SILENCE',
      'alerts silence needs --reason: others will want to know why they were not told',
    )
  const nowMs = context.nowMs()
  const silence: SilenceRecord = {
    id: `si-${effects.newId()}`,
    matcher,
    startsAtMs: nowMs,
    endsAtMs: nowMs + forMs,
    createdBy: cliActor(),
    createdAtMs: nowMs,
    reason: args.reason.trim().slice(0, 500),
    hidden: 0,
  }
  const { hidden: _hidden, ...made } = silence
  await state.createSilence(made)
  const open = (await state.openAlerts()).filter((alert) => matchesAlert(matcher, alert)).length
  // Of something that is to come it is right; of a name that was mistyped it is not.
  const none = open === 0 ? '\nNo alert that is open now matches it.' : ''
  emit(
    context.options.output,
    { schemaVersion: 1, kind: 'silence', silence: silenceItem(silence), openAlerts: open },
    () =>
      `${silence.id}: nobody is told until ${formatInstant(silence.endsAtMs)}. To end it: tidegate alerts unsilence ${silence.id}${none}`,
    context.stdout,
  )
  return EXIT.ok
}

/** `alerts unsilence ID`. */
export async function endSilence(args: SilenceArgs, { state }: Project, context: CommandContext): Promise<number> {
  const { id } = args
  if (id === undefined) throw new TidegateError('USAGE_SILENCE', 'alerts unsilence needs the id of a silence')
  if (!(await state.endSilence(id, context.nowMs())))
    throw new TidegateError('SILENCE_UNKNOWN', `there is no silence ${JSON.stringify(id)} in force`, {
      dataNow: 'Nothing was changed.',
      hint: 'tidegate alerts ls shows them.',
    })
  emit(context.options.output, { schemaVersion: 1, kind: 'silence-ended', id }, () => `${id} is over.`, context.stdout)
  return EXIT.ok
}

function matcherOf({ source, dataset, kind, severity }: SilenceArgs): AlertMatcher {
  if (kind !== undefined && !ALERT_KINDS.some((known) => known === kind))
    throw new TidegateError('USAGE_SILENCE', `no kind of alert is called ${JSON.stringify(kind)}`, {
      hint: `There are ${ALERT_KINDS.join(', ')}.`,
    })
  const matcher = { source, dataset, kind, severity }
  const named = Object.fromEntries(Object.entries(matcher).filter(([, value]) => value !== undefined)) as AlertMatcher
  if (Object.keys(named).length === 0)
    throw new TidegateError('USAGE_SILENCE', 'alerts silence needs --source, --dataset, --kind or --severity', {
      hint: "--source '*' means all sources.",
    })
  return named
}

/** Who sits here, for acknowledgements and silences. */
export function cliActor(): string {
  try {
    return `cli:${os.userInfo().username}`
  } catch {
    return 'cli'
  }
}
