import { existsSync, readFileSync, realpathSync } from 'node:fs'
import path from 'node:path'

export interface FileSystemKind {
  /** `unknown` where the system does not say (other systems than Linux). */
  readonly kind: 'local' | 'network' | 'unknown'
  /** As the kernel names it, e.g. `nfs4`. */
  readonly type: string
  readonly mountPoint: string
}

/** Where a file lies or would lie. SQLite's locks are not to be trusted over a network. */
export function isNetworkFileSystem(file: string, mountinfo: string | undefined = readMountinfo()): FileSystemKind {
  if (mountinfo === undefined) return { kind: 'unknown', type: '', mountPoint: '' }
  const place = realPlace(path.resolve(file))
  let found: FileSystemKind = { kind: 'unknown', type: '', mountPoint: '' }
  for (const line of mountinfo.split('\n')) {
    // 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
    const point = line.split(' ')[4]
    const type = / - (\S+)/.exec(line)?.[1]
    if (point === undefined || type === undefined) continue
    const mountPoint = point.replaceAll(/\\(\d{3})/g, (_all, octal: string) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    )
    const holds = place === mountPoint || place.startsWith(mountPoint.endsWith('/') ? mountPoint : `${mountPoint}/`)
    // Of two at the same point the later one covers the earlier.
    if (holds && mountPoint.length >= found.mountPoint.length) {
      found = { kind: NETWORK.test(type) ? 'network' : 'local', type, mountPoint }
    }
  }
  return found
}

const NETWORK =
  /^(nfs\d?|cifs|smb\d?|smbfs|ncpfs|afs|coda|9p|ceph|glusterfs|lustre|gpfs|beegfs|ocfs2|gfs2|vboxsf|drvfs|fuse\.(?!fuseblk|overlay|fuse-overlayfs|ext|ntfs).*)$/i

/** The nearest folder above that exists, with its links resolved, and the rest of the path. */
function realPlace(absolute: string): string {
  let there = absolute
  while (!existsSync(there) && path.dirname(there) !== there) there = path.dirname(there)
  return path.join(realpathSync(there), path.relative(there, absolute))
}

function readMountinfo(): string | undefined {
  try {
    return readFileSync('/proc/self/mountinfo', 'utf8')
  } catch {
    return undefined
  }
}
