import { TidegateError, type FileRecord, type LedgerEntry } from '@tidegate/core'
import { contentOf, type QuarantineAction, type QuarantineItem } from './quarantine-item.ts'

export interface LogAfter {
  /** The entry that made the record. */
  readonly entry: LedgerEntry | undefined
  /** The rows of the target were replaced since. */
  readonly isGone: boolean
}

/**
 * Why this cannot be done with this record, as far as the log and the state say; undefined where nothing stands in the way.
 * Everything that is open can be discarded. Pure.
 *
 * @param versions those of the record's path, oldest first
 */
export function findObstacle(
  item: QuarantineItem,
  action: QuarantineAction,
  versions: readonly FileRecord[],
  log: LogAfter,
  target: { readonly kind: string; readonly overwrites: string },
): TidegateError | undefined {
  if (action === 'discard') return undefined
  const content = contentOf(item)
  if (content === 'lines' || content === 'lost') return nothingToLoad(item, content)
  if (content === 'rows' && target.kind === 'none') return gateOnly(item)
  const own = versions.findIndex((version) => version.id === item.file)
  if (own < 0 || log.entry === undefined) return unknownFile(item)
  const newer = versions.slice(own + 1).at(-1)
  if (content === 'file' && newer !== undefined && target.overwrites !== 'append') return outdated(item, newer)
  if (log.isGone) return replaced(item)
  return undefined
}

const UNTOUCHED = 'Nothing of it was changed.'

function nothingToLoad({ id }: QuarantineItem, content: 'lines' | 'lost'): TidegateError {
  const what = content === 'lines' ? 'lines that cannot be parsed' : 'rows that the repair could not bring back'
  return new TidegateError('QUARANTINE_NOTHING_TO_LOAD', `${id} is an account of ${what}: there are no rows in it`, {
    dataNow: UNTOUCHED,
    hint: 'Have the sender correct the file and send it again, or give the rows up: tidegate quarantine discard.',
  })
}

function gateOnly({ id }: QuarantineItem): TidegateError {
  return new TidegateError('QUARANTINE_GATE_ONLY', `${id}: the target only gates, it keeps no rows of its own`, {
    dataNow: UNTOUCHED,
    hint: 'Take the rows from the file in quarantine with the program that loads them, then discard the record.',
  })
}

function unknownFile({ id, file }: QuarantineItem): TidegateError {
  return new TidegateError('QUARANTINE_UNKNOWN', `${id}: the log knows nothing of ${file}`, {
    dataNow: UNTOUCHED,
    hint: 'Make the index anew: tidegate state rebuild --from-targets.',
  })
}

function outdated({ id }: QuarantineItem, newer: FileRecord): TidegateError {
  return new TidegateError(
    'QUARANTINE_OUTDATED',
    `${id}: version ${newer.ordinal} of ${newer.path} came after it, and was ${newer.outcome}`,
    {
      dataNow: UNTOUCHED,
      hint: 'Its rows would stand beside newer ones of the same file, or in their place. Discard it.',
    },
  )
}

function replaced({ id }: QuarantineItem): TidegateError {
  return new TidegateError('QUARANTINE_OUTDATED', `${id}: the rows of the target were replaced since`, {
    dataNow: UNTOUCHED,
    hint: 'It belongs to an edition of the data that is gone. Discard it.',
  })
}
