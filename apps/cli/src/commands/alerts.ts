import { TidegateError, type AlertRecord, type DeliveryRecord } from '@tidegate/core'
import { describeAlert, testChannel, toldChannels, type Project } from '@tidegate/project/open'
import { EXIT, type CommandContext } from '../context.ts'
import { openCliProject } from '../open.ts'
import {
  alertItem,
  decisionItem,
  deliveryItem,
  renderAlerts,
  renderDeliveries,
  renderExplanation,
  renderShown,
  renderTest,
  silenceItem,
} from '../render/alerts-view.ts'
import { emit } from '../render/index.ts'
import { cliActor, endSilence, makeSilence, type SilenceArgs } from './alerts-silence.ts'

export interface AlertsArgs extends SilenceArgs {
  readonly action?: string
  readonly id?: string
  readonly all?: boolean
  readonly note?: string
  readonly channel?: string
  readonly limit?: number
  readonly dryRun?: boolean
}

const WRITING: ReadonlySet<string> = new Set(['ack', 'silence', 'unsilence'])
const SHOWN = 50

/** `alerts ls | show | ack | silence | unsilence | explain | test | deliveries`: what is wrong, and who was told of it. */
export async function alerts(args: AlertsArgs, context: CommandContext): Promise<number> {
  const action = args.action ?? 'ls'
  const run = ACTIONS[action]
  if (run === undefined)
    throw new TidegateError(
      'USAGE_ACTION',
      `alerts knows ${Object.keys(ACTIONS).join(', ')}, not ${JSON.stringify(action)}`,
    )
  const project = await openCliProject(context, { what: `alerts ${action}`, readOnly: !WRITING.has(action) })
  try {
    return await run(args, project, context)
  } finally {
    await project.close()
  }
}

type Action = (args: AlertsArgs, project: Project, context: CommandContext) => Promise<number>

const ACTIONS: Readonly<Record<string, Action>> = {
  ls: list,
  show,
  ack: acknowledge,
  silence: makeSilence,
  unsilence: endSilence,
  explain,
  test,
  deliveries,
}

async function list(args: AlertsArgs, { state }: Project, context: CommandContext): Promise<number> {
  const limit = limitOf(args)
  const states = args.all === true ? undefined : (['pending', 'firing', 'acknowledged'] as const)
  const { items, next } = await state.listAlerts({ limit, states, source: args.source })
  const nowMs = context.nowMs()
  const silences = (await state.listSilences()).filter(({ endsAtMs }) => args.all === true || endsAtMs > nowMs)
  emit(
    context.options.output,
    {
      schemaVersion: 1,
      kind: 'alerts',
      items: items.map(alertItem),
      more: next !== null,
      silences: silences.map(silenceItem),
    },
    () => renderAlerts(items, silences, next !== null, context),
    context.stdout,
  )
  return EXIT.ok
}

async function show(args: AlertsArgs, project: Project, context: CommandContext): Promise<number> {
  const alert = await findAlert(args, project)
  const { title, lines, members, more, commands } = describeAlert(alert)
  emit(
    context.options.output,
    { schemaVersion: 1, kind: 'alert', alert: alertItem(alert), text: { title, lines, members, more, commands } },
    () => renderShown(alert, context),
    context.stdout,
  )
  return EXIT.ok
}

async function acknowledge(args: AlertsArgs, project: Project, context: CommandContext): Promise<number> {
  const { id } = await findAlert(args, project)
  const alert = await project.state.acknowledgeAlert(id, cliActor(), args.note?.slice(0, 500) ?? null, context.nowMs())
  if (alert === undefined)
    throw new TidegateError('ALERT_RESOLVED', `alert ${id} is over; there is nothing to acknowledge`, {
      dataNow: 'Nothing was changed.',
      hint: 'tidegate alerts ls shows what is open.',
    })
  emit(
    context.options.output,
    { schemaVersion: 1, kind: 'alert-acknowledged', alert: alertItem(alert) },
    () =>
      `${alert.id} is acknowledged by ${alert.acknowledgedBy ?? 'somebody'}: it is not repeated, and its end is told.`,
    context.stdout,
  )
  return EXIT.ok
}

async function explain(args: AlertsArgs, project: Project, context: CommandContext): Promise<number> {
  const alert = await findAlert(args, project)
  const channels = toldChannels(alert.source, project.config)
  const decisions = await project.state.listDecisions(alert.id)
  const notices = [...new Set(decisions.flatMap(({ notice }) => notice ?? []))]
  const sent: DeliveryRecord[] = []
  for (const notice of notices) sent.push(...(await project.state.listDeliveries({ limit: 1000, notice })).items)
  emit(
    context.options.output,
    {
      schemaVersion: 1,
      kind: 'alert-explained',
      alert: alertItem(alert),
      channels,
      decisions: decisions.map(decisionItem),
      deliveries: sent.map(deliveryItem),
    },
    () => renderExplanation(alert, decisions, sent, channels, context),
    context.stdout,
  )
  return EXIT.ok
}

async function test(args: AlertsArgs, { config }: Project, context: CommandContext): Promise<number> {
  if (args.id === undefined) throw new TidegateError('USAGE_CHANNEL', 'alerts test needs the name of a channel')
  const { signal } = context
  const tested = await testChannel(config, args.id, { dryRun: args.dryRun === true, nowMs: context.nowMs(), signal })
  emit(
    context.options.output,
    { schemaVersion: 1, kind: 'alerts-test', dryRun: args.dryRun === true, ...tested },
    () => renderTest(tested),
    context.stdout,
  )
  return tested.outcome?.kind === 'failed' ? EXIT.failed : EXIT.ok
}

async function deliveries(args: AlertsArgs, { state }: Project, context: CommandContext): Promise<number> {
  const { items, next } = await state.listDeliveries({ limit: limitOf(args), channel: args.channel })
  emit(
    context.options.output,
    { schemaVersion: 1, kind: 'deliveries', items: items.map(deliveryItem), more: next !== null },
    () => renderDeliveries(items, next !== null, context),
    context.stdout,
  )
  return EXIT.ok
}

async function findAlert({ id, action }: AlertsArgs, { state }: Project): Promise<AlertRecord> {
  if (id === undefined) throw new TidegateError('USAGE_ALERT', `alerts ${action ?? ''} needs the id of an alert`)
  const alert = await state.getAlert(id)
  if (alert !== undefined) return alert
  throw new TidegateError('ALERT_UNKNOWN', `there is no alert ${JSON.stringify(id)}`, {
    dataNow: 'Nothing was changed.',
    hint: 'tidegate alerts ls --all shows them.',
  })
}

function limitOf({ limit }: AlertsArgs): number {
  return Math.min(1000, Math.max(1, Math.floor(Number.isFinite(limit) ? (limit ?? SHOWN) : SHOWN)))
}
