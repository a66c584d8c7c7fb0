/**
 * Which of the new files may be taken now. A file waits for its marker, for its control file and, with `unit: folder`, for
 * every other file of its folder; nothing about waiting is recorded, so the next run asks again.
 */
import { codeOf, messageOf, type Reason, type SourceConfig, type SourceFile, type Store } from '@tidegate/core'
import { CONTROL_BYTES, parseControl, type Expected } from './control-file.ts'
import { folderOf } from './dataset-of.ts'
import { isSettling } from './identify.ts'
import { besideOf } from './markers.ts'

export interface WaitingFile {
  readonly file: SourceFile
  readonly reason: Reason
}

export interface Readiness {
  readonly ready: readonly SourceFile[]
  readonly waiting: readonly WaitingFile[]
  /** What control files say, by path of the data file. */
  readonly expected: ReadonlyMap<string, Expected>
  /** Folders that are Delta tables, and what else cannot be looked at. */
  readonly refused: readonly { readonly path: string; readonly code: string; readonly message: string }[]
}

/**
 * @param fresh files that are new or changed and have settled
 * @param settling files of the source that are still written to: with `unit: folder` they hold up their folder
 * @param nowMs Unix milliseconds: a control file has to settle as data does, since half a number is a number, too
 */
export async function checkReadiness(
  source: Pick<SourceConfig, 'root' | 'ready' | 'name'>,
  fresh: readonly SourceFile[],
  settling: readonly SourceFile[],
  store: Pick<Store, 'stat' | 'open'>,
  nowMs: number,
): Promise<Readiness> {
  const there = rememberThere(store)
  const delta = await findDeltaFolders(source.root, fresh, there)
  const waiting: WaitingFile[] = []
  const ready: SourceFile[] = []
  const expected = new Map<string, Expected>()
  for (const file of fresh) {
    if (delta.has(folderOf(file.path))) continue
    const reason = await whyNot(source.ready, source.root, file, expected, { store, there, nowMs })
    if (reason === undefined) ready.push(file)
    else waiting.push({ file, reason })
  }
  const refused = [...new Set(delta.values())].map((folder) => ({
    path: folder === '' ? '.' : folder,
    code: 'SOURCE_IS_DELTA_TABLE',
    message: `${folder === '' ? 'the source' : JSON.stringify(folder)} is a Delta table: its files hold rows that were deleted or replaced, and only its log says which`,
  }))
  if (source.ready.unit === 'file') return { ready, waiting, expected, refused }
  const held = new Map<string, string>()
  for (const file of [...settling, ...waiting.map((item) => item.file)]) held.set(folderOf(file.path), file.path)
  const late = ready.filter((file) => held.has(folderOf(file.path)))
  return {
    ready: ready.filter((file) => !held.has(folderOf(file.path))),
    waiting: [
      ...waiting,
      ...late.map((file) => ({
        file,
        reason: unitWaits(held.get(folderOf(file.path)) ?? ''),
      })),
    ],
    expected,
    refused,
  }
}

export function unitWaits(culprit: string): Reason {
  return note('UNIT_WAITING', `its folder waits for ${JSON.stringify(culprit)}`)
}

/** Each place is looked at once: a thousand files of a folder share one marker. */
function rememberThere(store: Pick<Store, 'stat'>): (uri: string) => Promise<boolean> {
  const seen = new Map<string, Promise<boolean>>()
  return (uri) => {
    const known = seen.get(uri)
    if (known !== undefined) return known
    const asked = isThere(store, uri)
    seen.set(uri, asked)
    return asked
  }
}

async function isThere(store: Pick<Store, 'stat'>, uri: string): Promise<boolean> {
  try {
    return (await store.stat(uri)) !== undefined
  } catch (error) {
    // A folder, a pipe: something is there.
    if (codeOf(error) === 'SOURCE_NOT_A_FILE') return true
    throw error
  }
}

/** Folders of fresh files that lie in a Delta table, each with the table's folder. */
async function findDeltaFolders(
  root: string,
  fresh: readonly SourceFile[],
  there: (uri: string) => Promise<boolean>,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  for (const folder of new Set(fresh.map((file) => folderOf(file.path)))) {
    for (
      let above: string | undefined = folder;
      above !== undefined;
      above = above === '' ? undefined : folderOf(above)
    ) {
      if (!(await there(`${uriOf(root, above)}/_delta_log`))) continue
      found.set(folder, above)
      break
    }
  }
  return found
}

function uriOf(root: string, path: string): string {
  return path === '' ? root : `${root === '/' ? '' : root}/${path}`
}

interface Look {
  readonly store: Pick<Store, 'stat' | 'open'>
  readonly there: (uri: string) => Promise<boolean>
  readonly nowMs: number
}

async function whyNot(
  ready: SourceConfig['ready'],
  root: string,
  file: SourceFile,
  expected: Map<string, Expected>,
  { store, there, nowMs }: Look,
): Promise<Reason | undefined> {
  if (ready.marker !== undefined) {
    const marker = besideOf(ready.marker, file.path)
    if (!(await there(uriOf(root, marker))))
      return note('MARKER_MISSING', `waits for the marker ${JSON.stringify(marker)}`)
  }
  if (ready.control === undefined) return undefined
  const control = besideOf(ready.control, file.path)
  const read = await readControl(uriOf(root, control), store, (modifiedAtMs) =>
    isSettling({ modifiedAtMs }, { nowMs, settleMs: ready.settleMs }),
  )
  if (read.kind === 'settling')
    return note('FILE_SETTLING', `the control file ${JSON.stringify(control)} was changed just now`)
  if (read.kind === 'missing') return note('CONTROL_MISSING', `waits for the control file ${JSON.stringify(control)}`)
  const parsed = read.kind === 'text' ? parseControl(read.text, control) : read.why
  // It may be half written: the next run reads it again.
  if (typeof parsed === 'string')
    return note('CONTROL_UNREADABLE', `the control file ${JSON.stringify(control)} ${parsed}`)
  expected.set(file.path, parsed)
  return undefined
}

type ControlText =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'settling' }
  | { readonly kind: 'wrong'; readonly why: string }

/** @param isFresh whether what was changed then may be half written */
async function readControl(
  uri: string,
  store: Pick<Store, 'stat' | 'open'>,
  isFresh: (modifiedAtMs: number) => boolean,
): Promise<ControlText> {
  try {
    const bytes = await store.open(uri)
    try {
      if (bytes.sizeBytes > CONTROL_BYTES) return { kind: 'wrong', why: `is larger than ${CONTROL_BYTES} bytes` }
      const text = Buffer.from(await bytes.read(0, bytes.sizeBytes)).toString('utf8')
      // Asked last: what was written while it was read is seen as well.
      const now = await store.stat(uri)
      if (now === undefined) return { kind: 'missing' }
      return isFresh(now.modifiedAtMs) ? { kind: 'settling' } : { kind: 'text', text }
    } finally {
      await bytes.close()
    }
  } catch (error) {
    if (codeOf(error) === 'SOURCE_GONE') return { kind: 'missing' }
    return { kind: 'wrong', why: `cannot be read: ${messageOf(error)}` }
  }
}

function note(check: string, message: string): Reason {
  return { check, severity: 'info', message }
}
