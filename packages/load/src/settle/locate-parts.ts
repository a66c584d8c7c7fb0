import { join } from 'node:path'
import { TidegateError, type LedgerPart } from '@tidegate/core'
import { sizeOf } from '../durable.ts'

/**
 * Where the rows of live parts lie, relative to the target: as readers see them, or still in staging where their writer has
 * not published them yet.
 *
 * @throws LEDGER_PART_MISSING
 */
export async function locateParts(
  { directory }: { readonly directory: string },
  parts: readonly LedgerPart[],
): Promise<(part: LedgerPart) => string> {
  const staged = new Set<LedgerPart>()
  for (const part of parts) {
    if ((await sizeOf(join(directory, part.visible))) === part.bytes) continue
    // Once more after the staged name: it may be published between the two looks.
    if ((await sizeOf(join(directory, part.staged))) === part.bytes) staged.add(part)
    else if ((await sizeOf(join(directory, part.visible))) !== part.bytes) throw missing(part)
  }
  return (part) => (staged.has(part) ? part.staged : part.visible)
}

function missing({ visible }: LedgerPart): TidegateError {
  return new TidegateError(
    'LEDGER_PART_MISSING',
    `The part ${visible}, of which rows leave, is not on disk as it was written.`,
    {
      hint: 'Restore the part from a backup, or load its files again with --force.',
      retryable: true,
      dataNow: 'Nothing was committed.',
    },
  )
}
