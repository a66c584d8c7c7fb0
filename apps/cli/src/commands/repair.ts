import { rmdir } from 'node:fs/promises'
import os from 'node:os'
import { TidegateError } from '@tidegate/core'
import { openDoctor, type Doctor } from '@tidegate/parquet'
import type { CommandContext } from '../context.ts'
import { listTargets, openTargets, type Named, type Target } from '../doctor-targets.ts'
import { mapOrdered } from '../map-ordered.ts'
import { trackWork } from '../track-work.ts'
import { isUsageCode } from '../usage-codes.ts'
import { renderRepairs } from '../render/repair-view.ts'
import { streamItems } from '../render/stream-items.ts'
import { placeResults, type Results } from './repair/place-results.ts'
import { readRepairOptions, type RepairArgs } from './repair/read-options.ts'
import { treatFile, withoutMap, type Treated } from './repair/treat-file.ts'
import { startRepairTally } from './repair/tally.ts'

/**
 * Writes a repaired copy of each file that needs it. Sources are never touched, sound files are not copied, nothing that
 * exists is replaced.
 */
export async function repair(args: RepairArgs, context: CommandContext): Promise<number> {
  const request = await readRepairOptions(args, context)
  const targets = await openTargets(args.paths ?? [], 'repair', context)
  const doctors = new Map<number, Doctor>()
  const work = trackWork('repair', context, totalOf(targets.named))
  let results: Results | undefined
  try {
    if (args.out !== undefined) results = await placeResults(args.out, targets.named, context)
    const tally = startRepairTally(args, context)
    const stream = streamItems(context.options.output, { schemaVersion: 1, kind: 'repair' }, context.stdout)
    const treat = async (target: Target, slot: number): Promise<Treated> => {
      const doctor = doctors.get(slot) ?? openDoctor()
      doctors.set(slot, doctor)
      return await treatFile(target, {
        doctor,
        request,
        level: args.level,
        results: args.dryRun === true ? undefined : results,
        work,
        context,
      })
    }
    const files = parquetOnly(listTargets(targets.named, context), results, tally.skipped)
    for await (const { file, thrown } of mapOrdered(files, workersOf(args), treat)) {
      // One file, and the words were wrong: an error, as of every other command.
      if (isAlone(targets.named) && isUsageCode(file.error?.code ?? '')) throw thrown
      stream.item(args.map === true ? file : withoutMap(file))
      tally.add(file)
    }
    if (tally.seen() === 0 && targets.named.every(({ kind }) => kind !== 'source'))
      throw new TidegateError('USAGE_NO_FILES', `no Parquet file is in ${(args.paths ?? []).join(' ')}`, {
        hint: 'In folders, files with .parquet, .parq or .pq at their end are taken, and those that begin with PAR1 or PARE.',
        dataNow: 'Nothing was read or changed.',
      })
    work.end()
    const summary = tally.summary()
    stream.end({ dryRun: args.dryRun === true, totals: summary.totals }, () => renderRepairs(summary, context))
    return tally.exitCode()
  } finally {
    work.end()
    await Promise.all([...doctors.values()].map(async (doctor) => await doctor.close()))
    await removeUnused(results)
    await targets.close()
  }
}

const DEFAULT_WORKERS = 4

function workersOf({ workers }: RepairArgs): number {
  return workers ?? Math.min(DEFAULT_WORKERS, os.availableParallelism())
}

/** What is known before anything is listed. */
function totalOf(named: readonly Named[]): { files?: number; bytes?: number } {
  const files = named.flatMap((each) => (each.kind === 'file' ? [each] : []))
  if (files.length < named.length || files.length === 0) return {}
  return { files: files.length, bytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) }
}

function isAlone(named: readonly Named[]): boolean {
  return named.length === 1 && named[0]?.kind === 'file'
}

/** Leaves out files of sources of other formats, and earlier results that lie in a folder that is gone through. */
async function* parquetOnly(
  targets: AsyncIterable<Target>,
  results: Results | undefined,
  skipped: (why: 'format' | 'result') => void,
): AsyncGenerator<Target> {
  for await (const target of targets) {
    if (target.kind === 'file' && target.expected !== 'parquet' && target.expected !== 'auto') skipped('format')
    else if (results?.holds(target.absolute) === true) skipped('result')
    else yield target
  }
}

/** Folders that were made for results that did not come. One that holds anything stays. */
async function removeUnused(results: Results | undefined): Promise<void> {
  for (const folder of results?.made() ?? []) await rmdir(folder).catch(() => {})
}
