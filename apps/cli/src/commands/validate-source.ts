import path from 'node:path'
import { messageOf, TidegateError, type Diagnosis, type DiagnosisLevel, type Finding } from '@tidegate/core'
import { diagnoseDataset, finding, type DiagnoseRequest } from '@tidegate/parquet'
import { EXIT, type CommandContext } from '../context.ts'
import { listTargets, openTargets, shownPath, type Named, type Target } from '../doctor-targets.ts'
import { openExaminer, type Examiner } from '../open-examiner.ts'
import { trackWork, type WorkTracker } from '../track-work.ts'
import { mapOfLayout, renderDiagnosis, type TroubledFile } from '../render/diagnosis-view.ts'
import { renderFileMap } from '../render/file-map.ts'
import { isBad, wouldComeBack } from '../render/finding-text.ts'
import { formatCount } from '../render/format.ts'
import { shellWord } from '../render/ingest-view.ts'
import { streamItems } from '../render/stream-items.ts'

export interface ValidateSourceArgs {
  readonly sources?: readonly string[]
  readonly level?: DiagnosisLevel
  readonly map?: boolean
}

/** One line of the answer: a file, or what only the folder tells of a path. */
interface ValidatedItem {
  readonly source: string | null
  readonly path: string
  readonly uri: string
  readonly about: 'file' | 'folder'
  readonly verdict: Diagnosis['verdict'] | 'unreadable' | null
  readonly bytes: number | null
  readonly rows: number | null
  readonly rowGroups: number | null
  readonly intactRows: number | null
  readonly checked: Diagnosis['checked'] | null
  /** Whether the Delta log of the folder lists the file. */
  readonly live: boolean | null
  readonly findings: readonly Finding[]
  readonly layout?: Diagnosis['layout'] | null
}

/** Says of every file what is wrong and what a repair would bring back. Changes nothing. */
export async function validateSource(args: ValidateSourceArgs, context: CommandContext): Promise<number> {
  const level = args.level ?? 'footer'
  const targets = await openTargets(args.sources ?? [], 'validate-source', context)
  const examiner = openExaminer(context.signal)
  const work = trackWork('validate-source', context)
  try {
    const stream = streamItems(context.options.output, { schemaVersion: 1, kind: 'validate-source' }, context.stdout)
    const tally = startTally(args, context)
    for await (const item of examine(targets.named, level, { examiner, work, context }, tally)) {
      stream.item(args.map === true ? item : withoutLayout(item))
      tally.add(item)
    }
    if (tally.seen() === 0 && targets.named.every(({ kind }) => kind !== 'source'))
      throw new TidegateError('USAGE_NO_FILES', `no Parquet file is in ${(args.sources ?? []).join(' ')}`, {
        hint: 'In folders, files with .parquet, .parq or .pq at their end are looked at, and those that begin with PAR1 or PARE.',
        dataNow: 'Nothing was read or changed.',
      })
    work.end()
    const summary = tally.summary(level)
    const { files, bad, others } = summary
    stream.end({ files, bad, level, others }, () => renderDiagnosis(summary, context))
    return bad === 0 ? EXIT.ok : EXIT.partial
  } finally {
    work.end()
    await examiner.close()
    await targets.close()
  }
}

function withoutLayout({ layout: _layout, ...item }: ValidatedItem): ValidatedItem {
  return item
}

interface Tools {
  readonly examiner: Examiner
  readonly work: WorkTracker
  readonly context: CommandContext
}

async function* examine(
  all: readonly Named[],
  level: DiagnosisLevel,
  tools: Tools,
  tally: Tally,
): AsyncGenerator<ValidatedItem> {
  for (const named of all) {
    if (named.kind === 'folder') yield* examineFolder(named.absolute, level, tools, tally)
    else for await (const target of listTargets([named], tools.context)) yield await examineTarget(target, level, tools)
  }
}

async function* examineFolder(
  folder: string,
  level: DiagnosisLevel,
  { examiner, work, context }: Tools,
  tally: Tally,
): AsyncGenerator<ValidatedItem> {
  const diagnose = async (absolute: string): Promise<Diagnosis> => {
    const request: DiagnoseRequest = { level, name: path.basename(absolute), expected: 'parquet' }
    return await work.file(absolute, async (onBytes) => await examiner.diagnose(absolute, request, onBytes))
  }
  for await (const item of diagnoseDataset(folder, { level, diagnose, signal: context.signal })) {
    if (item.kind === 'end') {
      tally.others(item.summary.others)
      continue
    }
    const uri = path.join(folder, item.path)
    const place = { source: null, path: shownPath(uri, context.options.directory), uri }
    if (item.kind === 'file') yield { ...fileItem(place, item.diagnosis), live: item.live ?? null }
    else if (item.finding.code === 'PQ904') yield unreadable(place, item.finding.message)
    else yield { ...place, ...NOTHING_KNOWN, about: 'folder', findings: [item.finding] }
  }
}

const NOTHING_KNOWN = {
  verdict: null,
  bytes: null,
  rows: null,
  rowGroups: null,
  intactRows: null,
  checked: null,
  live: null,
} as const

async function examineTarget(target: Target, level: DiagnosisLevel, { examiner, work }: Tools): Promise<ValidatedItem> {
  const { source, shown, absolute } = target
  const place = { source, path: shown, uri: absolute }
  if (target.kind === 'unreadable') return unreadable(place, target.message)
  const request: DiagnoseRequest = { level, name: path.basename(absolute), expected: target.expected }
  try {
    return fileItem(
      place,
      await work.file(absolute, async (onBytes) => await examiner.diagnose(absolute, request, onBytes)),
    )
  } catch (error) {
    if (examiner.isStopped()) throw error
    return unreadable(place, messageOf(error))
  }
}

type ItemPlace = Pick<ValidatedItem, 'source' | 'path' | 'uri'>

function fileItem(place: ItemPlace, diagnosis: Diagnosis): ValidatedItem {
  return {
    ...place,
    about: 'file',
    // A CSV file of a CSV source is what it should be.
    verdict: diagnosis.verdict === 'not-parquet' && diagnosis.kind === 'sound' ? 'ok' : diagnosis.verdict,
    bytes: diagnosis.sizeBytes,
    rows: diagnosis.rows ?? null,
    rowGroups: diagnosis.rowGroups ?? null,
    intactRows: diagnosis.intactRows ?? null,
    checked: diagnosis.checked ?? null,
    live: null,
    findings: diagnosis.findings,
    layout: diagnosis.layout ?? null,
  }
}

function unreadable(place: ItemPlace, message: string): ValidatedItem {
  return {
    ...place,
    ...NOTHING_KNOWN,
    about: 'file',
    verdict: 'unreadable',
    findings: [finding('PQ904', message)],
  }
}

/** Rows of the table; a folder of 10,000 broken files is counted, not scrolled. */
const MAX_TROUBLED = 50
const MAX_WARNINGS = 20
const MAX_MAPS = 5

type Summary = Parameters<typeof renderDiagnosis>[0]

interface Tally {
  add(item: ValidatedItem): void
  others(count: number): void
  /** Everything that was found, data or not. */
  seen(): number
  summary(level: string): Summary
}

function startTally(args: ValidateSourceArgs, context: CommandContext): Tally {
  const counts = {
    files: 0,
    sound: 0,
    pages: 0,
    withChecksum: 0,
    bad: 0,
    encrypted: 0,
    unsupported: 0,
    bytes: 0,
    rows: 0,
    noted: 0,
    others: 0,
    warnings: 0,
    seen: 0,
    maps: 0,
    repairable: 0,
  }
  const aside = new Map<string, number>()
  const troubled: (TroubledFile & { readonly uri: string })[] = []
  const warnings: TroubledFile[] = []
  const maps: { path: string; map: string }[] = []
  const draw = (item: ValidatedItem): string | undefined => {
    if (args.map !== true || item.layout === undefined || item.layout === null || counts.maps >= MAX_MAPS)
      return undefined
    counts.maps++
    return renderFileMap(mapOfLayout(item.layout), context)
  }
  return {
    add(item) {
      const bad = item.findings.some(isBad)
      counts.seen++
      if (item.about === 'file') {
        counts.files++
        counts.bytes += item.bytes ?? 0
        counts.pages += item.checked?.decoded ?? 0
        counts.withChecksum += Math.min(item.checked?.withChecksum ?? 0, item.checked?.decoded ?? 0)
      }
      if (bad) {
        counts.bad++
        if (item.verdict === 'encrypted' || item.verdict === 'unsupported') counts[item.verdict]++
        if (item.verdict?.startsWith('repairable') === true) counts.repairable++
        if (troubled.length < MAX_TROUBLED) troubled.push({ ...item, comesBack: comesBack(item), map: draw(item) })
        return
      }
      if (item.about === 'file') counts.sound++
      const warned = item.findings.some(({ severity }) => severity === 'warn')
      if (item.about === 'file') {
        counts.rows += item.rows ?? 0
        const map = draw(item)
        if (map !== undefined && map !== '') maps.push({ path: item.path, map })
        if (warned) counts.noted++
      } else if (!warned) for (const { code } of item.findings) aside.set(code, (aside.get(code) ?? 0) + 1)
      if (!warned) return
      counts.warnings++
      if (warnings.length < MAX_WARNINGS) warnings.push({ ...item, comesBack: '' })
    },
    others: (count) => {
      counts.others += count
    },
    seen: () => counts.seen,
    summary: (level) => ({
      ...counts,
      level,
      aside,
      troubled,
      warnings,
      warningsTotal: counts.warnings,
      maps,
      next: nextCommands(args, level, { troubled, repairable: counts.repairable, bad: counts.bad }, context),
    }),
  }
}

function comesBack(item: ValidatedItem): string {
  if (item.verdict === null || item.verdict === 'unreadable') return ''
  return wouldComeBack({
    verdict: item.verdict,
    rows: item.rows ?? undefined,
    intactRows: item.intactRows ?? undefined,
    layout: item.layout ?? undefined,
    findings: item.findings,
  })
}

function nextCommands(
  args: ValidateSourceArgs,
  level: string,
  found: {
    readonly troubled: readonly (TroubledFile & { readonly uri: string })[]
    readonly repairable: number
    readonly bad: number
  },
  context: CommandContext,
): readonly string[] {
  const { directory } = context.options
  const named = (args.sources ?? []).map((word) => ` ${shellWord(word)}`).join('')
  const first = found.troubled.find(({ verdict }) => verdict?.startsWith('repairable') === true)
  const [worst] = found.troubled
  const next: string[] = []
  if (first !== undefined) {
    const what = found.repairable > 1 ? named : ` ${shellWord(shownPath(first.uri, directory))}`
    next.push(
      `tidegate repair${what} --out repaired    # ${found.repairable === 1 ? 'writes a repaired copy' : `writes repaired copies of ${formatCount(found.repairable)} files`}; add --dry-run to see the plan`,
    )
  }
  const code = worst?.findings.find(isBad)?.code
  if (code !== undefined) next.push(`tidegate explain ${code}`)
  if (found.bad === 0 && (level === 'container' || level === 'footer'))
    next.push(`tidegate validate-source${named} --level pages    # reads every page and checks its checksum`)
  return next
}
