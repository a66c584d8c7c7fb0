/**
 * One mail by SMTP. The Message-ID follows from the notice's key, so that a mail that was accepted twice is one for whoever
 * drops repeated ids. Replies 4xx are tried again, 5xx are final; of what the server says only the number is passed on, since
 * servers quote addresses.
 */
import { codeOf } from '@tidegate/core'
import { createTransport } from 'nodemailer'
import {
  giveUp,
  tryAgain,
  type DeliverableNotice,
  type DeliveryOptions,
  type DeliveryOutcome,
  type EmailChannel,
  type FailedDelivery,
} from '../delivery.ts'
import { readNotice } from '../notice.ts'
import { composeEmail } from './compose-email.ts'

const TIMEOUT_MS = 15_000

export async function sendEmail(
  channel: EmailChannel,
  notice: DeliverableNotice,
  options: DeliveryOptions,
): Promise<DeliveryOutcome> {
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS
  const { host, port, secure, user, password = '', from, to } = channel
  const unsafe = [from, ...to].some((address) => /[\r\n\0]/.test(address))
  if (unsafe || to.length === 0) return giveUp('an address of the channel is none')
  const transport = createTransport({
    host,
    port,
    secure,
    // A password never goes over a connection that nobody encrypted.
    requireTLS: !secure && user !== undefined,
    ...(user === undefined ? {} : { auth: { user, pass: password } }),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  const fallback = typeof notice.payload['text'] === 'string' ? notice.payload['text'] : ''
  const { subject, text, html } = composeEmail(readNotice(notice.payload), fallback)
  const limit = limited(timeoutMs, options.signal)
  try {
    const mail = transport.sendMail({
      from,
      to: [...to],
      subject,
      text,
      html,
      messageId: `<${notice.key}@tidegate>`,
      date: new Date(notice.createdAtMs),
      headers: { 'auto-submitted': 'auto-generated', 'x-tidegate-event': notice.event },
    })
    const sent = await Promise.race([mail, limit.over])
    if (sent === 'stopped') return tryAgain('the attempt was stopped')
    if (sent === 'late') return tryAgain(`no answer within ${timeoutMs / 1000} s`)
    const refused = sent.rejected.length
    if (refused > 0) return giveUp(`the server refused ${refused} of ${to.length} recipients; the others have it`)
    return { kind: 'delivered', status: 250 }
  } catch (error) {
    return judge(error, timeoutMs)
  } finally {
    limit.clear()
    transport.close()
  }
}

/** The library counts the silence between two answers; a server that drips would hold an attempt for ever. */
function limited(
  timeoutMs: number,
  signal: AbortSignal | undefined,
): { readonly over: Promise<'late' | 'stopped'>; clear(): void } {
  const { promise, resolve } = Promise.withResolvers<'late' | 'stopped'>()
  const timer = setTimeout(() => resolve('late'), timeoutMs)
  const stop = (): void => resolve('stopped')
  if (signal?.aborted === true) stop()
  signal?.addEventListener('abort', stop, { once: true })
  return {
    over: promise,
    clear: () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', stop)
    },
  }
}

function judge(error: unknown, timeoutMs: number): FailedDelivery {
  const status = responseCode(error)
  const code = codeOf(error)
  if (code === 'EAUTH') {
    const why = 'the server did not accept user and password'
    return status !== undefined && status < 500 ? tryAgain(why, status) : giveUp(why, status)
  }
  if (status !== undefined && status >= 500) return giveUp(`the server refused the mail (${status})`, status)
  if (status !== undefined && status >= 400) return tryAgain(`the server could not take the mail (${status})`, status)
  if (code === 'ETIMEDOUT') return tryAgain(`no answer within ${timeoutMs / 1000} s`)
  if (code === 'ETLS') return tryAgain('the connection could not be encrypted')
  const known = code !== undefined && /^[A-Z0-9_]+$/.test(code) ? ` (${code})` : ''
  return tryAgain(`the server could not be reached${known}`)
}

function responseCode(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('responseCode' in error)) return undefined
  const { responseCode: code } = error
  return typeof code === 'number' && code >= 400 && code < 600 ? code : undefined
}
