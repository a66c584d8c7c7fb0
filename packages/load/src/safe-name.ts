import { createHash } from 'node:crypto'

const PREFIX_LIMIT = 80

/**
 * A portable file name for any source path, however hostile: at most 97 characters of `A-Z a-z 0-9 . _ -`, never
 * starting with a dot, an underscore or a dash, and different for different paths (16 hex digits of the path's SHA-256 at
 * the end). The readable part comes from the path's own characters.
 */
export function safeName(path: string): string {
  const readable = path
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/\.{2,}/g, '.')
    .replace(/^[._-]+/, '')
    .slice(0, PREFIX_LIMIT)
    .replace(/[._-]+$/, '')
  const digest = createHash('sha256').update(path, 'utf8').digest('hex').slice(0, 16)
  return `${readable === '' ? 'file' : readable}-${digest}`
}
