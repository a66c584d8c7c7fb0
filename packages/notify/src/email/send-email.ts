/**
 * One mail by SMTP. The Message-ID follows from the notice's key, so that a mail that was accepted twice is one for whoever
 * drops repeated ids. Replies 4xx are tried again, 5xx are final; of what the server says only the number is passed on, since
 * servers quote addresses.
 *
 *   (1) A password goes over an encrypted connection only, unless the operator said that it may go otherwise.  [encryption]
 *   (2) The server proves its name, by the certificates of the system or by those that the operator named.     [encryption]
 */
import { readFile } from 'node:fs/promises'
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
  const believed = await readAuthorities(channel)
  if (believed.kind === 'failed') return believed
  const transport = createTransport({
    host,
    port,
    secure,
    ...encryption(channel, believed.pem),
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

interface Authorities {
  readonly kind: 'read'
  /** Undefined: those of the system. */
  readonly pem: string | undefined
}

async function readAuthorities({ tls }: EmailChannel): Promise<Authorities | FailedDelivery> {
  const { ca } = tls ?? {}
  if (ca === undefined) return { kind: 'read', pem: undefined }
  try {
    const pem = await readFile(ca, 'utf8')
    // Without one the system's would be believed, and nobody would notice.
    if (pem.includes('-----BEGIN CERTIFICATE-----')) return { kind: 'read', pem }
    return tryAgain('the file of tls.ca holds no certificate in PEM')
  } catch (error) {
    return tryAgain(`the file of tls.ca could not be read (${codeOf(error) ?? 'unknown'})`)
  }
}

interface Encryption {
  readonly requireTLS: boolean
  readonly tls: { readonly ca?: string; readonly rejectUnauthorized: true; readonly minVersion: 'TLSv1.2' }
}

function encryption({ secure, user, tls }: EmailChannel, pem: string | undefined): Encryption {
  const isRequired = user !== undefined && tls?.required !== false
  return {
    // Who names certificates means to speak to that server and to no other.
    requireTLS: !secure && (isRequired || pem !== undefined),
    tls: { rejectUnauthorized: true, minVersion: 'TLSv1.2', ...(pem === undefined ? {} : { ca: pem }) },
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
  // Also where the server refuses the word STARTTLS: that is no answer to a mail.
  if (code === 'ETLS') return tryAgain('the connection could not be encrypted')
  if (status !== undefined && status >= 500) return giveUp(`the server refused the mail (${status})`, status)
  if (status !== undefined && status >= 400) return tryAgain(`the server could not take the mail (${status})`, status)
  const untrusted = certificateTrouble(error)
  if (untrusted !== undefined) return tryAgain(`the server's certificate was refused: ${untrusted}`)
  if (code === 'ETIMEDOUT') return tryAgain(`no answer within ${timeoutMs / 1000} s`)
  const known = code !== undefined && /^[A-Z0-9_]+$/.test(code) ? ` (${code})` : ''
  return tryAgain(`the server could not be reached${known}`)
}

/** In words of ours: those of the library name the host. */
const CERTIFICATE_TROUBLE: ReadonlyMap<string, string> = new Map([
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'nobody we believe signed it; name its authority in tls.ca'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'nobody we believe signed it; name its authority in tls.ca'],
  ['UNABLE_TO_GET_ISSUER_CERT', 'nobody we believe signed it; name its authority in tls.ca'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'nobody we believe signed it; name its authority in tls.ca'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'nobody we believe signed it; name its authority in tls.ca'],
  ['CERT_SIGNATURE_FAILURE', 'its signature is wrong'],
  ['CERT_HAS_EXPIRED', 'it has expired'],
  ['CERT_NOT_YET_VALID', 'it is not valid yet'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'it is for another name'],
])

function certificateTrouble(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const codes = [codeOf(error), 'originalCode' in error ? error.originalCode : undefined]
  return codes.map((code) => CERTIFICATE_TROUBLE.get(String(code))).find((words) => words !== undefined)
}

function responseCode(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('responseCode' in error)) return undefined
  const { responseCode: code } = error
  return typeof code === 'number' && code >= 400 && code < 600 ? code : undefined
}
