/** The shape of a channel. Which keys belong to which kind is judged by `buildChannel`. */
import { z } from 'zod'
import { parseSecret } from './channel-secret.ts'
import { timezone } from './schedule-schema.ts'

export const CHANNEL_KINDS = ['webhook', 'slack', 'teams', 'email', 'openlineage'] as const

export interface ChannelFileEntry {
  readonly kind: (typeof CHANNEL_KINDS)[number]
  readonly on: readonly string[]
  readonly max_per_hour?: number | undefined
  readonly send_resolved: boolean
  readonly digest: { readonly at: string; readonly timezone: string }
  readonly url?: string | undefined
  readonly secret?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly allow_private?: boolean | undefined
  readonly host?: string | undefined
  readonly port?: number | undefined
  readonly secure?: boolean | undefined
  readonly user?: string | undefined
  readonly password?: string | undefined
  readonly tls?: { readonly ca?: string | undefined; readonly required: boolean } | undefined
  readonly from?: string | undefined
  readonly to?: string | readonly string[] | undefined
  readonly token?: string | undefined
  readonly namespace?: string | undefined
}

/** Events that a channel can be told of. */
export const EVENTS: readonly string[] = [
  'file_arrived',
  'run_failed',
  'gate_failed',
  'file_quarantined',
  'output_generated',
  'stale',
  'missing',
  'schema_changed',
  'schedule_missed',
  'job_dead',
  'recovered',
  'daily_digest',
]

/** Told only to who asks: they come when all is well. */
const ON_REQUEST: ReadonlySet<string> = new Set(['file_arrived', 'output_generated', 'daily_digest'])

export const DEFAULT_EVENTS: readonly string[] = EVENTS.filter((event) => !ON_REQUEST.has(event))

const text = z.string().min(1, 'must not be empty')
const oneLine = text.refine((value) => !/[\r\n\0]/.test(value), 'must be one line')
const address = oneLine.refine(isMailAddress, 'must be a mail address such as ops@example.com')

export function channelSchema(): z.ZodType<ChannelFileEntry> {
  return z.strictObject({
    kind: z.enum(CHANNEL_KINDS),
    on: z
      .array(text)
      .default([...DEFAULT_EVENTS])
      .describe(`What it is told of: ${EVENTS.join(', ')}.`),
    max_per_hour: z.int().min(1).max(10_000).optional().describe('Messages at most; what is more comes together.'),
    send_resolved: z.boolean().default(true).describe('Tell also that something is over.'),
    digest: z
      .strictObject({
        at: z
          .string()
          .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day such as "08:00"')
          .default('08:00'),
        timezone: timezone.default('UTC'),
      })
      .prefault({})
      .describe('When `daily_digest` comes.'),
    url: z
      .string()
      .refine(isHttpUrl, 'must be an http:// or https:// address')
      .optional()
      .describe('webhook, slack, teams, openlineage: where to. Secret.'),
    secret: z
      .string()
      .refine(
        (value) => value.split(' ').every((one) => parseSecret(one) !== undefined),
        'must be whsec_ and 24 to 64 bytes in base64; two of them with a space between while one replaces the other',
      )
      .optional()
      .describe('webhook: signs each message as Standard Webhooks says. Secret.'),
    headers: z
      .record(
        z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/, 'must be the name of a header'),
        z.string().refine((value) => /^[\t\x20-\x7e\x80-\xff]*$/.test(value), 'must be one line of Latin-1'),
      )
      .optional()
      .describe('webhook: headers beside ours. Secret.'),
    allow_private: z.boolean().optional().describe('Addresses of private networks are called. Default: false.'),
    host: oneLine
      .refine((value) => !/[\s/@]/.test(value), 'must be the name of a mail server, without scheme and port')
      .optional()
      .describe('email: the server.'),
    port: z.int().min(1).max(65_535).optional().describe('email: 465 with `secure`, else 587.'),
    secure: z.boolean().optional().describe('email: TLS from the first byte. Default: only on port 465.'),
    user: oneLine.optional(),
    password: text.optional().describe('email. Secret.'),
    tls: z
      .strictObject({
        ca: text
          .refine((value) => !value.includes('\0'), 'must not contain a NUL character')
          .optional()
          .describe('PEM file of the certificates that are believed, instead of those of the system.'),
        required: z.boolean().default(true).describe('`false`: a password is sent also without encryption.'),
      })
      .optional()
      .describe('email: how the server proves its name.'),
    from: address.optional().describe('email: who writes.'),
    to: z
      .union([address, z.array(address).min(1, 'must name at least one address')], {
        error: 'must be a mail address or a list of them',
      })
      .optional()
      .describe('email: who is written to.'),
    token: oneLine.optional().describe('openlineage: sent as bearer token. Secret.'),
    namespace: oneLine.optional().describe('openlineage: of jobs and datasets. Default: tidegate.'),
  })
}

/** `ops@example.com`, also `Tidegate <ops@example.com>`. Commas would make one address two. */
function isMailAddress(value: string): boolean {
  const bare = /^[^<>,;]*<([^<>]+)>$/.exec(value)?.[1] ?? value
  return value.length <= 320 && /^[^\s@,;<>]+@[^\s@,;<>]+$/.test(bare)
}

function isHttpUrl(url: string): boolean {
  try {
    return ['http:', 'https:'].includes(new URL(url).protocol)
  } catch {
    return false
  }
}
