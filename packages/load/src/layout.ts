import { TidegateError } from '@tidegate/core'

/** Everything of ours below a target lives in this folder, under names that no data glob matches. */
export const HOME: string = '_tidegate'
export const LOG: string = `${HOME}/log`
export const STAGING: string = `${HOME}/staging`
export const RETIRED: string = `${HOME}/retired`
export const CHECKPOINT: string = `${HOME}/checkpoint`

const SEQ_DIGITS = 20
const ENTRY_NAME = /^\d{20}\.json$/

export function entryName(seq: number): string {
  return `${String(seq).padStart(SEQ_DIGITS, '0')}.json`
}

/** The number of an entry file, or undefined for anything else that lies in the log folder. */
export function entrySeq(name: string): number | undefined {
  return ENTRY_NAME.test(name) ? Number(name.slice(0, SEQ_DIGITS)) : undefined
}

/** What is wrong with this path below a target or quarantine folder, or undefined if it stays inside and is portable. */
export function visiblePathProblem(path: string): string | undefined {
  if (path === '') return 'is empty'
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(path)) return 'contains a control character'
  if (path.includes('\\')) return 'contains a backslash'
  if (path.startsWith('/')) return 'is absolute'
  const segments = path.split('/')
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..')) {
    return 'has an empty, "." or ".." segment'
  }
  if (segments[0] === HOME) return `lies in ${HOME}, which belongs to the log`
  if (segments.some((segment) => Buffer.byteLength(segment) > 255)) return 'has a segment longer than 255 bytes'
  return undefined
}

/** @throws LEDGER_PATH if the path could leave its folder */
export function assertVisiblePath(path: string): void {
  const problem = visiblePathProblem(path)
  if (problem === undefined) return
  throw new TidegateError('LEDGER_PATH', `The visible path ${JSON.stringify(path)} ${problem}.`, {
    hint: 'Build visible names with safeName(); they must be relative and stay below their folder.',
    dataNow: 'Nothing was committed.',
  })
}

/** What is wrong with this staged path, or undefined. Staged paths look like `_tidegate/staging/<batch>/<attempt>/<name>`. */
export function stagedPathProblem(path: string): string | undefined {
  const segments = path.split('/')
  if (!path.startsWith(`${STAGING}/`) || segments.length !== 5) return `is not ${STAGING}/<batch>/<attempt>/<name>`
  if (segments.some((segment) => !isFolderName(segment))) return 'has an unsafe segment'
  return undefined
}

/** The attempt's folder that holds this staged path. */
export function attemptOf(staged: string): string {
  return staged.slice(0, staged.lastIndexOf('/'))
}

/** The batch in whose folder this staged path lies. */
export function batchOf(staged: string): string {
  return staged.split('/')[2] ?? ''
}

/** True for one plain segment: letters, digits, dot, underscore, dash; not starting with a dot. */
export function isFolderName(name: string): boolean {
  return /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}$/.test(name)
}
