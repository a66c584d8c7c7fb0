import path from 'node:path'
import { codeOf, isTidegateError, TidegateError } from '@tidegate/core'
import { diagnose } from '@tidegate/parquet'
import type { CommandContext } from '../../context.ts'
import { listTargets, type Named } from '../../doctor-targets.ts'
import { shellWord } from '../../render/ingest-view.ts'
import { isWorthRepairing } from '../../worth-repairing.ts'
import { splitGlob } from '@tidegate/storage'

/** Files that are looked at once the engine has refused their bytes. */
const MAX_LOOKED_AT = 1000

/**
 * The engine's own words for a cut file ("No magic bytes") help nobody: where one of the files is damaged, the error says
 * which, how, and what would bring it back. Throws, whatever it finds.
 *
 * @param given absolute paths and globs
 */
export async function blameDamage(error: unknown, given: readonly string[], context: CommandContext): Promise<never> {
  if (!isTidegateError(error) || codeOf(error) !== 'CHECK_DATA') throw error
  const named = given.map((absolute): Named =>
    /[*?[]/.test(absolute)
      ? { kind: 'glob', ...splitGlob(absolute) }
      : { kind: 'file', absolute, sizeBytes: 0, isRegular: true },
  )
  let seen = 0
  for await (const target of listTargets(named, context)) {
    if (target.kind !== 'file' || !/\.(?:parquet|parq|pq)$/i.test(target.absolute)) continue
    if (seen++ >= MAX_LOOKED_AT) break
    const found = await firstDamage(target.absolute, context.signal)
    if (found === undefined) continue
    throw new TidegateError('CHECK_DATA', `${target.shown} is damaged: ${found.code} ${found.message}`, {
      hint: `tidegate repair ${shellWord(target.shown)} --dry-run says what of it can be brought back.`,
      dataNow: 'Nothing was checked.',
      cause: error,
    })
  }
  throw error
}

async function firstDamage(
  absolute: string,
  signal: AbortSignal,
): Promise<{ code: string; message: string } | undefined> {
  const request = { name: path.basename(absolute), level: 'footer', expected: 'parquet', signal } as const
  const diagnosis = await diagnose({ path: absolute }, request).catch(() => undefined)
  signal.throwIfAborted()
  return diagnosis?.findings.find(
    ({ code, severity }) => isWorthRepairing(code) && severity !== 'info' && severity !== 'warn',
  )
}
