import { BlockList, isIPv4, isIPv6 } from 'node:net'

/**
 * Whether an IP address is none of the public internet: private, loopback, link-local (cloud metadata), shared, multicast,
 * reserved or made for documentation; also what hides such an IPv4 address in IPv6. What is no IP address is private.
 */
export function isPrivateAddress(address: string): boolean {
  const plain = address.replace(/%.*$/, '')
  if (isIPv4(plain)) return PRIVATE.check(plain, 'ipv4')
  if (!isIPv6(plain)) return true
  // Only 2000::/3 is given out to anybody.
  return !GLOBAL.check(plain, 'ipv6') || PRIVATE.check(plain, 'ipv6')
}

const PRIVATE = new BlockList()
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  // Azure's platform service, reachable from every virtual machine there.
  ['168.63.129.16', 32],
] as const)
  PRIVATE.addSubnet(net, prefix, 'ipv4')
for (const [net, prefix] of [
  // Teredo and 6to4 carry an IPv4 address, the others are reserved.
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  PRIVATE.addSubnet(net, prefix, 'ipv6')

const GLOBAL = new BlockList()
GLOBAL.addSubnet('2000::', 3, 'ipv6')
