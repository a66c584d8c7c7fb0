/**
 * Does anything need a person? Per source four facets are looked at, and the worst of them is the source's health.
 *
 * Green is earned: a facet without evidence is `unknown`, and unknown is worse than ok. Only freshness may be left out,
 * where nobody said when files should come; the source then says so.
 */
import type { CheckRecord, FileRecord, RunRecord } from '@tidegate/core'
import { bySource, groupBy, isoTime, percentOf, sumOf } from '../figures.ts'
import type { History } from '../history.ts'
import type { MonitorContext } from '../monitored-source.ts'
import { shellWord } from '../shell-word.ts'
import { sourceNames } from '../source-names.ts'
import { freshness, type Freshness } from './freshness.ts'
import { countChecks } from './quality-summary.ts'
import { quarantineOverview } from './quarantine-overview.ts'
import { watermarkStatus } from './watermark-status.ts'

export type Health = 'ok' | 'unknown' | 'warn' | 'bad'

export interface Facet {
  readonly health: Health | 'not-watched'
  readonly because: string
}

export interface SourceOverview {
  readonly source: string
  readonly health: Health
  readonly run: Facet
  readonly checks: Facet
  readonly freshness: Facet
  readonly schema: Facet
  readonly lastRunAt: string | null
  readonly lastRunStatus: string | null
  /** Who works on it now, if anybody. */
  readonly workingNow: string | null
  readonly score: number | null
  readonly filesLoaded: number
  readonly filesHeld: number
  readonly rowsLoaded: number
  readonly openQuarantine: number
}

export interface Attention {
  readonly source: string
  readonly health: 'warn' | 'bad'
  readonly text: string
  /** What to run first. */
  readonly command: string
}

export interface OverviewView {
  /** The worst of the sources; unknown without any. */
  readonly health: Health
  readonly sources: readonly SourceOverview[]
  /** Bad before warn. */
  readonly attention: readonly Attention[]
  readonly totals: {
    readonly sources: number
    readonly runs: number
    /** Runs that ended `ok` or `nothing-new` in percent of those that ended; null when none did. */
    readonly successPercent: number | null
    readonly score: number | null
    readonly filesLoaded: number
    readonly filesHeld: number
    readonly filesFailed: number
    readonly rowsLoaded: number
    readonly rowsRejected: number
    readonly bytesRead: number
    readonly openQuarantine: number
  }
}

/** One line per source and what needs attention. */
export function overview(history: History, context: MonitorContext): OverviewView {
  const fresh = new Map(freshness(history, context).items.map((item) => [item.source, item]))
  const records = {
    runs: bySource(history.runs.filter(isLoading)),
    checks: bySource(history.checks),
    files: bySource(history.files.filter(({ decidedAtMs }) => decidedAtMs >= history.sinceMs)),
    open: bySource(history.held.flatMap(({ file, superseded }) => (superseded ? [] : [file]))),
  }
  const sources = sourceNames(history, context).map((source) =>
    sourceOverview(source, fresh.get(source), {
      runs: records.runs(source),
      checks: records.checks(source),
      files: records.files(source),
      openQuarantine: records.open(source).length,
      workingNow: history.leases.find((lease) => lease.source === source)?.what ?? null,
    }),
  )
  return {
    health: worstOf(sources.map(({ health }) => health)),
    sources,
    attention: collectAttention(sources, history, context),
    totals: totalsOf(history, sources.length, quarantineOverview(history, context).openFiles),
  }
}

const RANK: Readonly<Record<Health, number>> = { ok: 0, unknown: 1, warn: 2, bad: 3 }

function worstOf(healths: readonly Health[]): Health {
  const first = healths[0] ?? 'unknown'
  return healths.reduce((worst, health) => (RANK[health] > RANK[worst] ? health : worst), first)
}

interface SourceRecords {
  /** Those that load; a profile that ended well says nothing of a load that failed. */
  readonly runs: readonly RunRecord[]
  readonly checks: readonly CheckRecord[]
  /** Decided in the window. */
  readonly files: readonly FileRecord[]
  readonly openQuarantine: number
  readonly workingNow: string | null
}

function sourceOverview(source: string, fresh: Freshness | undefined, records: SourceRecords): SourceOverview {
  const { runs, checks, files, openQuarantine, workingNow } = records
  const facets = {
    run: judgeRun(runs),
    checks: judgeChecks(latestChecks(checks.filter((check) => !isSchema(check)))),
    freshness: judgeFreshness(fresh),
    schema: judgeSchema(latestChecks(checks.filter(isSchema))),
  }
  const healths = Object.values(facets).flatMap(({ health }) => (health === 'not-watched' ? [] : [health]))
  return {
    source,
    health: worstOf(healths),
    ...facets,
    lastRunAt: isoTime(runs[0]?.startedAtMs),
    lastRunStatus: runs[0]?.status ?? null,
    workingNow,
    score: countChecks(checks).score,
    filesLoaded: files.filter(({ outcome }) => outcome === 'loaded').length,
    filesHeld: files.filter(({ outcome }) => outcome === 'held').length,
    rowsLoaded: sumOf(files, ({ rowsLoaded }) => rowsLoaded),
    openQuarantine,
  }
}

function isLoading({ command }: RunRecord): boolean {
  return command === 'ingest' || command === 'load'
}

function judgeRun(newestFirst: readonly RunRecord[]): Facet {
  const ended = newestFirst.find(({ status }) => status !== 'running')
  if (ended === undefined) {
    return { health: 'unknown', because: newestFirst.length === 0 ? 'it never ran' : 'its first run has not ended' }
  }
  switch (ended.status) {
    case 'ok':
      return { health: 'ok', because: 'the last run ended well' }
    case 'nothing-new':
      return { health: 'ok', because: 'the last run found nothing new' }
    case 'partial':
      return { health: 'warn', because: 'the last run was done in part' }
    case 'interrupted':
      return { health: 'warn', because: 'the last run was interrupted and not continued' }
    case 'gate-failed':
      // Nothing held: the files wait at the gate, because there is no contract to judge them by.
      if (ended.filesHeld === 0) return { health: 'bad', because: 'files wait for a contract: tidegate profile' }
      return { health: 'bad', because: `the gate held ${ended.filesHeld} of ${ended.filesSeen} files of the last run` }
    default:
      return {
        health: 'bad',
        because: `the last run failed${ended.errorCode === null ? '' : ` with ${ended.errorCode}`}`,
      }
  }
}

/** Of each check the results of the newest run that evaluated it: what was mended must not stay red. */
function latestChecks(newestFirst: readonly CheckRecord[]): readonly CheckRecord[] {
  const groups = groupBy(newestFirst, ({ dataset, result }) => JSON.stringify([dataset, result.id]))
  return [...groups.values()].flatMap((group) => group.filter(({ run }) => run === group[0]?.run))
}

function judgeChecks(latest: readonly CheckRecord[]): Facet {
  if (latest.length === 0) return { health: 'unknown', because: 'no check was evaluated in the window' }
  const errors = latest.filter(({ result }) => result.outcome === 'error').length
  const critical = latest.filter(({ result }) => result.outcome === 'failed' && result.severity === 'critical').length
  const warnings = latest.filter(({ result }) => result.outcome === 'failed' && result.severity === 'warning').length
  const of = `of ${latest.length} checks`
  if (critical > 0) return { health: 'bad', because: `${critical} ${of} failed` }
  if (errors > 0) return { health: 'bad', because: `${errors} ${of} could not run` }
  if (warnings > 0) return { health: 'warn', because: `${warnings} ${of} failed as warnings` }
  return { health: 'ok', because: `${latest.length} checks passed` }
}

function judgeSchema(latest: readonly CheckRecord[]): Facet {
  if (latest.length === 0) return { health: 'unknown', because: 'no schema was compared in the window' }
  const judged = judgeChecks(latest)
  return judged.health === 'ok' ? { health: 'ok', because: 'the schema is as agreed' } : judged
}

function isSchema({ result }: CheckRecord): boolean {
  return result.type === 'schema' || result.dimension === 'schema'
}

function judgeFreshness(fresh: Freshness | undefined): Facet {
  if (fresh === undefined || fresh.expected === null) {
    return { health: 'not-watched', because: 'nobody said when files should come' }
  }
  const health = ({ fresh: 'ok', late: 'bad', unknown: 'unknown' } as const)[fresh.status]
  return { health, because: fresh.because }
}

function collectAttention(
  sources: readonly SourceOverview[],
  history: History,
  context: MonitorContext,
): readonly Attention[] {
  const found: Attention[] = []
  for (const item of sources) {
    const name = shellWord(item.source)
    const commands = {
      run: `tidegate history ${name}`,
      checks: `tidegate quarantine ls --source ${name}`,
      freshness: `tidegate validate-source ${name}`,
      schema: 'tidegate contract check',
    } as const
    for (const facet of ['run', 'checks', 'freshness', 'schema'] as const) {
      const { health, because } = item[facet]
      if (health !== 'bad' && health !== 'warn') continue
      found.push({
        source: item.source,
        health,
        text: facet === 'freshness' ? `late: ${because}` : because,
        command: commands[facet],
      })
    }
    if (item.openQuarantine > 0) {
      const files = item.openQuarantine === 1 ? '1 file waits' : `${item.openQuarantine} files wait`
      found.push({ source: item.source, health: 'warn', text: `${files} in quarantine`, command: commands.checks })
    }
  }
  for (const { source, status, runsWithoutAdvance } of watermarkStatus(history, context).items) {
    if (status !== 'stuck') continue
    const text = `the watermark did not move in ${runsWithoutAdvance} runs that loaded files`
    found.push({ source, health: 'warn', text, command: `tidegate watermarks get ${shellWord(source)}` })
  }
  return found.toSorted((a, b) => RANK[b.health] - RANK[a.health])
}

function totalsOf(history: History, sources: number, openQuarantine: number): OverviewView['totals'] {
  const runs = history.runs.filter(({ startedAtMs }) => startedAtMs >= history.sinceMs)
  const ended = runs.filter(({ status }) => status !== 'running')
  const well = ended.filter(({ status }) => status === 'ok' || status === 'nothing-new')
  const files = history.files.filter(({ decidedAtMs }) => decidedAtMs >= history.sinceMs)
  return {
    sources,
    runs: runs.length,
    successPercent: percentOf(well.length, ended.length),
    score: countChecks(history.checks).score,
    filesLoaded: files.filter(({ outcome }) => outcome === 'loaded').length,
    filesHeld: files.filter(({ outcome }) => outcome === 'held').length,
    filesFailed: history.failures.length,
    rowsLoaded: sumOf(files, ({ rowsLoaded }) => rowsLoaded),
    rowsRejected: sumOf(files, ({ rowsRejected }) => rowsRejected),
    bytesRead: sumOf(runs, ({ bytesRead }) => bytesRead),
    openQuarantine,
  }
}
