import { isIP } from 'node:net'
import { isLoopback } from './is-loopback.ts'

export interface HostRules {
  /** The listener is reached from this machine only. */
  readonly isLocal: boolean
  /** Names without port, as the configuration has them. */
  readonly allowedHosts: readonly string[]
  readonly corsOrigins: readonly string[]
}

/**
 * Whether a `Host` header names this server. A page of another site that got itself a name for our address (DNS rebinding)
 * sends that name. Ports do not matter: who forwards one leads here on purpose. Addresses are none a rebinding page can have;
 * they are answered where the listener is not a loopback one, for probes and scrapers that know the address only.
 */
export function isAllowedHost(host: string | undefined, rules: HostRules): boolean {
  const name = hostName(host)
  if (name === undefined) return false
  if (isLoopback(name)) return true
  if (rules.allowedHosts.some((allowed) => allowed.toLowerCase().replace(/^\[(.*)\]$/, '$1') === name)) return true
  return !rules.isLocal && isIP(name) !== 0
}

/** Whether it names this machine itself. A proxy in front that keeps the name it was asked for by names another one. */
export function isLoopbackHost(host: string | undefined): boolean {
  const name = hostName(host)
  return name !== undefined && isLoopback(name)
}

function hostName(host: string | undefined): string | undefined {
  const [, name] = /^([\w.-]{1,253}|\[[\da-f:.]{2,45}\])(?::\d{1,5})?$/i.exec(host ?? '') ?? []
  return name
    ?.toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
}

/**
 * Whether a page may send what changes something. Programs send no `Origin`; browsers always do when they change something,
 * and ours is that of the host that was asked.
 */
export function isAllowedOrigin(
  headers: {
    readonly origin?: string | undefined
    readonly host?: string | undefined
    readonly site?: string | undefined
  },
  rules: HostRules,
): boolean {
  const { origin, host, site } = headers
  if (origin === undefined) return site === undefined || site === 'same-origin' || site === 'none'
  if (rules.corsOrigins.includes(origin)) return true
  const [, authority] = /^https?:\/\/([^/]+)$/i.exec(origin) ?? []
  return authority !== undefined && authority.toLowerCase() === host?.toLowerCase()
}
