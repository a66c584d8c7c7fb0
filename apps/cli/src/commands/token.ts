import { userInfo } from 'node:os'
import { parseDuration } from '@tidegate/config'
import { ACCESS_SCOPES, TidegateError, type AccessScope, type TokenRecord } from '@tidegate/core'
import { isUsable, makeToken } from '@tidegate/server'
import type { CommandContext } from '../context.ts'
import { openCliProject } from '../open.ts'
import { emit, formatAge, renderTable } from '../render/index.ts'

export interface TokenArgs {
  readonly action?: string
  readonly id?: string
  readonly name?: string
  readonly scope?: string
  readonly expires?: string
}

/** `token create | ls | revoke ID`: keys to the daemon's API. The secret is shown once and kept nowhere. */
export async function token(args: TokenArgs, context: CommandContext): Promise<number> {
  const action = args.action ?? 'ls'
  const project = await openCliProject(context, { what: `token ${action}`, readOnly: action === 'ls' })
  const { state } = project
  try {
    if (action === 'create') {
      const nowMs = context.nowMs()
      const { text, record } = makeToken(
        {
          name: nameOf(args.name),
          scope: scopeOf(args.scope),
          createdBy: actor(),
          expiresAtMs: args.expires === undefined ? null : nowMs + lifeOf(args.expires),
        },
        nowMs,
      )
      await state.createToken(record)
      await audit('token.create', record.id, { name: record.name, scope: record.scope })
      emit(
        context.options.output,
        { schemaVersion: 1, kind: 'token', token: { ...publicOf(record, nowMs), secret: text } },
        () =>
          [
            text,
            '',
            `  May ${SCOPES[record.scope]}; ${record.expiresAtMs === null ? 'does not expire' : `until ${new Date(record.expiresAtMs).toISOString()}`}.`,
            '  This is the only time it is shown. From now on the daemon asks everybody for a token, on loopback too.',
          ].join('\n'),
        context.stdout,
      )
      return 0
    }
    if (action === 'revoke') {
      const { id } = args
      if (id === undefined)
        throw new TidegateError('USAGE_VALUE', 'token revoke needs the id of a token', {
          hint: '`tidegate token ls` lists them.',
        })
      if (!(await state.revokeToken(id, context.nowMs())))
        throw new TidegateError('USAGE_TOKEN', `there is no token ${JSON.stringify(id)} that could be revoked`, {
          hint: '`tidegate token ls` lists them; the id is the part between the two underscores.',
          dataNow: 'Nothing was changed.',
        })
      await audit('token.revoke', id, {})
      emit(
        context.options.output,
        { schemaVersion: 1, kind: 'token-revoked', id },
        () => `${id}: revoked. A running daemon notices within five seconds.`,
        context.stdout,
      )
      return 0
    }
    const nowMs = context.nowMs()
    const items = (await state.listTokens()).map((record) => publicOf(record, nowMs))
    emit(
      context.options.output,
      { schemaVersion: 1, kind: 'tokens', items },
      () => renderTokens(items, context),
      context.stdout,
    )
    return 0
  } finally {
    await project.close()
  }

  async function audit(what: string, subject: string, detail: Record<string, string>): Promise<void> {
    const record = { actor: actor(), action: what, subject, outcome: 'done', detail } as const
    await state.addAudit({ id: project.effects.newId(), atMs: context.nowMs(), ...record })
  }
}

/** In words, what each scope lets its holder do. */
const SCOPES: Readonly<Record<AccessScope, string>> = {
  read: 'read everything but tokens and the audit log',
  run: 'read, and start, cancel and retry runs',
  write: 'read, run, and change ingestions, schedules, alerts and quarantine',
  admin: 'do everything, tokens and audit log included',
}

function nameOf(name: string | undefined): string {
  const text = name?.trim() ?? ''
  if (text !== '' && text.length <= 200) return text
  throw new TidegateError('USAGE_VALUE', 'token create needs --name: what it is for, at most 200 characters')
}

function scopeOf(text: string | undefined): AccessScope {
  const scope = ACCESS_SCOPES.find((known) => known === (text ?? 'read'))
  if (scope !== undefined) return scope
  throw new TidegateError('USAGE_VALUE', `--scope is one of ${ACCESS_SCOPES.join(', ')}, not ${JSON.stringify(text)}`)
}

function lifeOf(text: string): number {
  const ms = parseDuration(text)
  if (ms !== undefined && ms > 0) return ms
  throw new TidegateError('USAGE_VALUE', `--expires takes a duration such as 90d or 12h, not ${JSON.stringify(text)}`)
}

function actor(): string {
  try {
    return `cli:${userInfo().username}`
  } catch {
    // A container's user need not have a name.
    return `cli:${process.getuid?.() ?? 'unknown'}`
  }
}

interface PublicToken {
  readonly id: string
  readonly name: string
  readonly scope: AccessScope
  readonly state: 'active' | 'expired' | 'revoked'
  readonly createdBy: string
  readonly createdAt: string
  readonly expiresAt: string | null
  readonly lastUsedAt: string | null
}

function publicOf(record: TokenRecord, nowMs: number): PublicToken {
  const { id, name, scope, createdBy, createdAtMs, expiresAtMs, lastUsedAtMs, revokedAtMs } = record
  const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())
  const state = revokedAtMs !== null ? 'revoked' : isUsable(record, nowMs) ? 'active' : 'expired'
  return {
    id,
    name,
    scope,
    state,
    createdBy,
    createdAt: new Date(createdAtMs).toISOString(),
    expiresAt: iso(expiresAtMs),
    lastUsedAt: iso(lastUsedAtMs),
  }
}

function renderTokens(items: readonly PublicToken[], context: CommandContext): string {
  if (items.length === 0)
    return 'No tokens. A daemon on loopback then lets everybody on this machine in; `tidegate token create --name … --scope …` makes one.'
  const age = (iso: string | null): string => (iso === null ? '–' : formatAge(context.nowMs(), Date.parse(iso)))
  return renderTable({
    width: context.width,
    columns: [
      { title: 'id' },
      { title: 'name' },
      { title: 'scope' },
      { title: 'state' },
      { title: 'made' },
      { title: 'last used' },
      { title: 'expires' },
    ],
    rows: items.map((one) => [
      one.id,
      one.name,
      one.scope,
      one.state,
      `${age(one.createdAt)} by ${one.createdBy}`,
      age(one.lastUsedAt),
      one.expiresAt?.slice(0, 10) ?? 'never',
    ]),
  })
}
