/** Signals with keys that follow from what was seen. Their detail is read by `describe-alert.ts`. */
import type { AlertKind, AlertSeverity, AlertSignal, JsonValue, NewsKind } from '@tidegate/core'
import { digest } from '../digest.ts'
import { ALERT_SEVERITY } from '../events.ts'
import { MEMBERS_SHOWN, type NoticeFile } from '../notice.ts'

interface Seen {
  readonly source: string
  /** Unix milliseconds, UTC. */
  readonly atMs: number
}

/**
 * What was wrong is over. Without a dataset: of the whole source, but for the datasets in `except` (`` stands for alerts that
 * have none).
 */
export function resolveSignal(
  seen: Seen & {
    readonly kind: AlertKind
    readonly dataset?: string | null | undefined
    readonly except?: readonly string[] | undefined
    /** Why it is over, for `alerts explain`. */
    readonly because: string
    /** What tells this from another resolution: run, job or deadline. */
    readonly which: string
  },
): AlertSignal {
  const { kind, source, dataset = null, except = [], because, which, atMs } = seen
  return {
    key: keyOf('resolve', kind, source, dataset, which),
    kind,
    effect: 'resolve',
    source,
    dataset,
    severity: 'info',
    run: null,
    atMs,
    detail: except.length === 0 ? { because } : { because, except: [...except] },
  }
}

export function raise(
  kind: AlertKind,
  { source, atMs }: Seen,
  dataset: string | null,
  run: string,
  detail: Readonly<Record<string, JsonValue>>,
  severity: AlertSeverity = ALERT_SEVERITY[kind],
): AlertSignal {
  const key = keyOf('raise', kind, source, dataset, run)
  return { key, kind, effect: 'raise', source, dataset, severity, run, atMs, detail }
}

export function news(
  kind: NewsKind,
  { source, atMs }: Seen,
  run: string | null,
  which: string,
  detail: Readonly<Record<string, JsonValue>>,
): AlertSignal {
  const key = keyOf('news', kind, source, null, which)
  return { key, kind, effect: 'news', source, dataset: null, severity: 'info', run, atMs, detail }
}

/** Files as a detail: the worst are named, all are counted. */
export function filesDetail(files: readonly NoticeFile[]): Readonly<Record<string, JsonValue>> {
  const shown = files.toSorted(worstFirst).slice(0, MEMBERS_SHOWN)
  return {
    files: files.length,
    shown: shown.map(({ path, dataset, score, reasons }) => ({
      path,
      dataset,
      score,
      reasons: reasons
        .slice(0, REASONS_KEPT)
        .map(({ check, severity, failedRows }) => ({ check, severity, failedRows })),
      reasonsInAll: reasons.length,
    })),
  }
}

const REASONS_KEPT = 8

/** Files whose score is lowest come first; those without a score could not even be judged. */
function worstFirst(a: NoticeFile, b: NoticeFile): number {
  return (a.score ?? -1) - (b.score ?? -1)
}

function keyOf(effect: string, kind: string, source: string, dataset: string | null, which: string): string {
  return `sg_${digest([effect, kind, source, dataset ?? '', which])}`
}
