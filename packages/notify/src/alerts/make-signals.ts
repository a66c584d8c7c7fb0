/** Signals with keys that follow from what was seen. Their detail is read by `describe-alert.ts`. */
import type { AlertKind, AlertSeverity, AlertSignal, JsonValue, NewsKind } from '@tidegate/core'
import { digest } from '../digest.ts'
import { MEMBERS_SHOWN, type NoticeFile } from '../notice.ts'

interface Seen {
  readonly source: string
  /** Unix milliseconds, UTC. */
  readonly atMs: number
}

/** Nothing came for longer than `expect.every` allows. One signal per deadline. */
export function staleSignal(
  seen: Seen & {
    /** In words, e.g. `every 1h`. */
    readonly expected: string
    readonly dueAtMs: number
    /** Null: none was ever loaded. */
    readonly lastLoadedAtMs: number | null
  },
): AlertSignal {
  const { expected, dueAtMs, lastLoadedAtMs } = seen
  return raise('stale', 'warning', seen, null, null, String(dueAtMs), { expected, dueAtMs, lastLoadedAtMs })
}

/** Files that `expect.files … by` asks for did not come. One signal per deadline. */
export function missingSignal(
  seen: Seen & {
    readonly expectedFiles: number
    readonly arrivedFiles: number
    /** In words, e.g. `02:15 UTC`. */
    readonly by: string
    readonly dueAtMs: number
  },
): AlertSignal {
  const { expectedFiles, arrivedFiles, by, dueAtMs } = seen
  const detail = { expectedFiles, arrivedFiles, by, dueAtMs }
  return raise('missing', 'critical', seen, null, null, String(dueAtMs), detail)
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
  severity: AlertSeverity,
  { source, atMs }: Seen,
  dataset: string | null,
  run: string | null,
  which: string,
  detail: Readonly<Record<string, JsonValue>>,
): AlertSignal {
  const key = keyOf('raise', kind, source, dataset, which)
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
