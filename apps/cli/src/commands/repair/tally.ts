import path from 'node:path'
import type { Finding } from '@tidegate/core'
import { EXIT, type CommandContext } from '../../context.ts'
import { shownPath } from '../../doctor-targets.ts'
import { isUsageCode } from '../../usage-codes.ts'
import { isBad } from '../../render/finding-text.ts'
import { renderFileMap } from '../../render/file-map.ts'
import { shellWord } from '../../render/ingest-view.ts'
import { mapOfRepair, type RepairsSummary } from '../../render/repair-view.ts'
import type { RepairArgs } from './read-options.ts'
import { whatWouldHelp } from './what-would-help.ts'
import type { RepairedFile } from '../../repaired-file.ts'

/** Rows of the table; the rest is counted. */
const MAX_SHOWN = 50
const MAX_MAPS = 5

export interface RepairTally {
  add(file: RepairedFile): void
  skipped(why: 'format' | 'result'): void
  seen(): number
  summary(): RepairsSummary
  exitCode(): number
}

type Totals = { -readonly [field in keyof RepairsSummary['totals']]: RepairsSummary['totals'][field] }

/** Counts what became of the files; keeps only the first of those that needed something. */
export function startRepairTally(args: RepairArgs, context: CommandContext): RepairTally {
  const totals: Totals = {
    files: 0,
    unchanged: 0,
    unsupported: 0,
    repaired: 0,
    partial: 0,
    refused: 0,
    failed: 0,
    rowsRecovered: 0,
    rowsLost: 0,
    filesWithUnknownLoss: 0,
    cellsNulled: 0,
    notParquet: 0,
    earlierResults: 0,
  }
  const shown: RepairedFile[] = []
  const maps: { path: string; map: string }[] = []
  let usageFailures = 0
  return {
    add(file) {
      totals.files++
      totals[file.status]++
      const isUnsupported = file.status === 'unchanged' && file.findings.some(isBad)
      if (isUnsupported) totals.unsupported++
      if (isUsageCode(file.error?.code ?? '')) usageFailures++
      if (file.status === 'repaired' || file.status === 'partial') {
        totals.rowsRecovered += file.totals?.rowsRecovered ?? 0
        totals.cellsNulled += file.totals?.cellsNulled ?? 0
        if (file.totals?.rowsLost === 'unknown') totals.filesWithUnknownLoss++
        totals.rowsLost += rowsLeftOut(file)
      }
      if (args.map === true && maps.length < MAX_MAPS) {
        const map = renderFileMap(mapOfRepair(file), { ...context, as: 'repaired' })
        if (map !== '') maps.push({ path: file.path, map })
      }
      if ((file.status !== 'unchanged' || isUnsupported) && shown.length < MAX_SHOWN) shown.push(withoutGroups(file))
    },
    skipped(why) {
      if (why === 'format') totals.notParquet++
      else totals.earlierResults++
    },
    seen: () => totals.files + totals.earlierResults,
    summary: () => ({
      dryRun: args.dryRun === true,
      totals,
      shown,
      maps,
      next: nextCommands(args, totals, shown, context),
      shownPath: (absolute) => shownPath(absolute, context.options.directory),
    }),
    exitCode() {
      const { files, unchanged, repaired, partial, refused, failed } = totals
      const notSaved = refused + failed
      if (unchanged + repaired === files) return EXIT.ok
      if (repaired + partial > 0) return EXIT.partial
      return usageFailures === notSaved ? EXIT.usage : EXIT.failed
    },
  }
}

/** All that are lost where their number is known, else those that were seen. */
function rowsLeftOut({ totals, loss }: RepairedFile): number {
  if (totals?.rowsLost !== 'unknown') return totals?.rowsLost ?? 0
  return loss.reduce(
    (sum, { wrote, rows }) => sum + (wrote === 'left-out' && rows !== undefined ? rows[1] - rows[0] : 0),
    0,
  )
}

/** The drawing is made; 500 row groups × 200 columns need not be kept. */
function withoutGroups({ rowGroups: _rowGroups, loss: _loss, ...file }: RepairedFile): RepairedFile {
  return { ...file, loss: [] }
}

const MAX_NEXT = 4

function nextCommands(
  args: RepairArgs,
  totals: Totals,
  shown: readonly RepairedFile[],
  { options: { directory } }: CommandContext,
): readonly string[] {
  const words = (args.paths ?? []).map((word) => ` ${shellWord(word)}`).join('')
  const next: string[] = []
  const done = totals.repaired + totals.partial
  if (args.dryRun === true && done > 0)
    next.push(`tidegate repair${words}${sameOptions(args)} --out ${shellWord(args.out ?? 'repaired')}    # does it`)
  if (args.dryRun !== true && done > 0) {
    const result = shown.find(({ out }) => out !== null)?.out ?? ''
    const where = done === 1 ? shownPath(result, directory) : (args.out ?? '')
    next.push(`tidegate validate-source ${shellWord(where)} --level values    # looks at the result once more`)
  }
  for (const file of shown) {
    const help = whatWouldHelp(file, args)
    if (help === undefined || next.length >= MAX_NEXT) continue
    // Where a first result lies a second one is refused.
    const place = file.out === null ? (args.out ?? 'repaired') : secondName(args.out ?? 'repaired')
    const out = args.dryRun === true ? ' --dry-run' : ` --out ${shellWord(place)}`
    next.push(
      `tidegate repair ${shellWord(shownPath(file.uri, directory))}${sameOptions(args)} ${help.options}${out}    # ${help.why}`,
    )
  }
  const bad = shown.find(({ status }) => status === 'refused' || status === 'failed')
  const code = bad?.error?.code ?? (bad === undefined ? undefined : reasonOf(bad))
  if (code !== undefined) next.push(`tidegate explain ${code}`)
  return next
}

/** Why nothing was written, else what is wrong. */
function reasonOf({ findings, confidence }: RepairedFile): string | undefined {
  // A sibling that gave nothing is no reason where another one did.
  const isReason = ({ code }: Finding): boolean =>
    code.startsWith('PQ6') && (confidence === 'rejected' || confidence === null || code !== 'PQ603')
  return (findings.find(isReason) ?? findings.find(isBad))?.code
}

/** `x.parquet` → `x-2.parquet`. */
function secondName(out: string): string {
  const { dir, name, ext } = path.parse(out)
  return path.join(dir, `${name}-2${ext}`)
}

/** The options that were given and bear on the plan, as words. */
function sameOptions(args: RepairArgs): string {
  const option = (name: string, value: string | number | undefined, usual?: string): string =>
    value === undefined || value === usual ? '' : ` --${name} ${shellWord(String(value))}`
  return [
    ...(args.like ?? []).map((like) => option('like', like)),
    option('delta', args.delta),
    option('metadata', args.metadata),
    option('mode', args.mode),
    option('on-damaged-page', args.onDamagedPage, 'null'),
    option('partial-row-group', args.partialRowGroup, 'drop'),
    option('min-confidence', args.minConfidence, 'strong'),
    args.allowAmbiguous === true ? ' --allow-ambiguous' : '',
    ...(args.fix ?? []).map((fix) => option('fix', fix)),
    option('part', args.part),
    option('level', args.level),
  ].join('')
}
