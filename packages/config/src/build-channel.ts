/** An entry of `channels:` → core's `ChannelConfig`: what its kind needs is there, and nothing of another kind. */
import type { ChannelConfig } from '@tidegate/core'
import { EVENTS, type ChannelFileEntry } from './channel-schema.ts'
import { problemAt, type Problem } from './problem.ts'
import { toAbsolute, type BuildContext } from './paths-and-templates.ts'
import { suggest } from './suggest.ts'
import { keyPlace, treeAt, valuePlace, variableWords, type Tree } from './tree.ts'

type Kind = ChannelFileEntry['kind']

interface Keys {
  readonly needed: readonly (keyof ChannelFileEntry)[]
  readonly optional: readonly (keyof ChannelFileEntry)[]
}

const KEYS: Readonly<Record<Kind, Keys>> = {
  webhook: { needed: ['url'], optional: ['secret', 'headers', 'allow_private'] },
  slack: { needed: ['url'], optional: ['allow_private'] },
  teams: { needed: ['url'], optional: ['allow_private'] },
  email: { needed: ['host', 'from', 'to'], optional: ['port', 'secure', 'user', 'password', 'tls'] },
  openlineage: { needed: ['url'], optional: ['token', 'namespace', 'allow_private'] },
}
const COMMON: readonly (keyof ChannelFileEntry)[] = ['kind', 'on', 'max_per_hour', 'send_resolved', 'digest']

/** Undefined comes with a problem, or where one was told before. */
export function buildChannel(
  name: string,
  entry: ChannelFileEntry,
  context: BuildContext,
  problems: Problem[],
): ChannelConfig | undefined {
  const { tree } = context
  checkKeys(name, entry, tree, problems)
  checkEvents(name, entry.on, tree, problems)
  const base = {
    name,
    on: entry.on,
    maxPerHour: entry.max_per_hour,
    sendResolved: entry.send_resolved,
    digest: entry.digest,
  }
  const { url, from, host, to, kind } = entry
  const allowPrivate = entry.allow_private ?? false
  switch (kind) {
    case 'webhook':
      return url === undefined
        ? undefined
        : { ...base, kind, url, secret: entry.secret, headers: entry.headers ?? {}, allowPrivate }
    case 'slack':
    case 'teams':
      return url === undefined ? undefined : { ...base, kind, url, allowPrivate }
    case 'openlineage':
      return url === undefined
        ? undefined
        : { ...base, kind, url, token: entry.token, namespace: entry.namespace ?? 'tidegate', allowPrivate }
    case 'email': {
      if (host === undefined || from === undefined || to === undefined) return undefined
      const secure = entry.secure ?? entry.port === 465
      const { ca, required = true } = entry.tls ?? {}
      return {
        ...base,
        kind,
        host,
        port: entry.port ?? (secure ? 465 : 587),
        secure,
        user: entry.user,
        password: entry.password,
        tls: {
          ca: ca === undefined ? undefined : toAbsolute(ca, ['channels', name, 'tls', 'ca'], context, problems),
          required,
        },
        from,
        to: typeof to === 'string' ? [to] : to,
      }
    }
    default:
      return kind satisfies never
  }
}

function checkKeys(name: string, entry: ChannelFileEntry, tree: Tree, problems: Problem[]): void {
  const key = ['channels', name]
  const { needed, optional } = KEYS[entry.kind]
  const known = [...COMMON, ...needed, ...optional]
  const article = entry.kind === 'email' || entry.kind === 'openlineage' ? 'an' : 'a'
  for (const missing of needed) {
    // One that is wrong has been told of.
    if (entry[missing] !== undefined || treeAt(tree, [...key, missing]) !== undefined) continue
    problems.push(
      problemAt(keyPlace(tree, key), 'CONFIG_MISSING_KEY', `\`channels.${name}.${missing}\` is missing`, {
        hint: `${article === 'an' ? 'An' : 'A'} ${entry.kind} channel needs ${needed.map((each) => `\`${each}\``).join(', ')}.`,
      }),
    )
  }
  for (const [other, value] of Object.entries(entry)) {
    if (value === undefined || known.includes(other as keyof ChannelFileEntry)) continue
    problems.push(
      problemAt(
        keyPlace(tree, [...key, other]),
        'CONFIG_VALUE',
        `${article} ${entry.kind} channel has no \`${other}\``,
        {
          hint: `It has ${known.filter((each) => each !== 'kind').join(', ')}.`,
        },
      ),
    )
  }
  if ((entry.user === undefined) !== (entry.password === undefined) && entry.kind === 'email') {
    const there = entry.user === undefined ? 'password' : 'user'
    if (treeAt(tree, [...key, there === 'user' ? 'password' : 'user']) !== undefined) return
    problems.push(
      problemAt(keyPlace(tree, [...key, there]), 'CONFIG_VALUE', `channel ${name} has a ${there} alone`, {
        hint: 'Servers want `user` and `password`, or neither.',
      }),
    )
  }
}

function checkEvents(channel: string, events: readonly string[], tree: Tree, problems: Problem[]): void {
  const list = treeAt(tree, ['channels', channel, 'on'])
  for (const [index, event] of events.entries()) {
    if (EVENTS.includes(event) || list?.kind !== 'list') continue
    const near = suggest(event, EVENTS)
    const shown = variableWords(tree, ['channels', channel, 'on', index]) ?? JSON.stringify(event.slice(0, 60))
    problems.push(
      problemAt(
        valuePlace(tree, ['channels', channel, 'on', index]),
        'CONFIG_VALUE',
        `no event is called ${shown}; channel ${channel} will never be told of it`,
        {
          severity: 'warning',
          hint: near === undefined ? `Events: ${EVENTS.join(', ')}.` : `Did you mean \`${near}\`?`,
        },
      ),
    )
  }
}
