import { isIPv4, isIPv6 } from 'node:net'

/** Whether only this machine can reach a listener on it: a host as the configuration names it, or an address of a socket. */
export function isLoopback(host: string): boolean {
  const bare = host.toLowerCase().replace(/^\[(.*)\]$/, '$1')
  if (isIPv4(bare)) return bare.startsWith('127.')
  if (isIPv6(bare)) return bare === '::1' || bare.startsWith('::ffff:127.')
  return bare === 'localhost'
}
