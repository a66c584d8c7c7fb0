import { TidegateError, type Config, type JsonValue } from '@tidegate/core'
import { composeTestNotice, deliverNotice, renderNotice, type DeliveryOutcome } from '@tidegate/notify'

export interface ChannelTest {
  readonly channel: string
  readonly channelKind: Config['channels'][number]['kind']
  /** What is sent, without address, headers and signature. */
  readonly payload: JsonValue
  /** Null with `dryRun`. */
  readonly outcome: DeliveryOutcome | null
}

/** Sends a test message to one channel, past outbox and alerts. @throws `CONFIG_UNKNOWN_CHANNEL` */
export async function testChannel(
  config: Pick<Config, 'channels' | 'file'>,
  name: string,
  options: { readonly dryRun: boolean; readonly nowMs: number; readonly signal?: AbortSignal | undefined },
): Promise<ChannelTest> {
  const channel = config.channels.find((one) => one.name === name)
  if (channel === undefined) {
    const known = config.channels.map((one) => one.name).join(', ')
    throw new TidegateError('CONFIG_UNKNOWN_CHANNEL', `there is no channel ${JSON.stringify(name)} in ${config.file}`, {
      hint: known === '' ? 'The configuration has no channels yet.' : `Its channels are: ${known}.`,
      dataNow: 'Nothing was sent.',
    })
  }
  const notice = composeTestNotice(channel, options.nowMs)
  const payload = renderNotice(channel.kind, notice)
  const { nowMs, signal, dryRun } = options
  return {
    channel: name,
    channelKind: channel.kind,
    payload,
    outcome: dryRun ? null : await deliverNotice(channel, notice, { nowMs, signal }),
  }
}
