import type { JsonValue } from '@tidegate/core'

export type NoticeSeverity = 'critical' | 'warning' | 'info'

/**
 * One message for people, before any channel gave it a form. It is made of names, counts and codes only: no cell of the
 * data, and no free text of an engine, which may quote one.
 */
export interface Notice {
  /** Idempotency key, safe in HTTP headers: the same for the same event of the same run, however often it is composed. */
  readonly key: string
  readonly event: NoticeEvent['kind']
  readonly severity: NoticeSeverity
  /** One line. */
  readonly title: string
  /** A few lines, plain text. */
  readonly text: string
  readonly labels: Readonly<Record<string, string>>
  /** At most {@link MEMBERS_SHOWN}, worst first. */
  readonly members: readonly NoticeMember[]
  /** Members that are not shown. */
  readonly more: number
  /** Shell commands to run next. */
  readonly commands: readonly string[]
  /** UTC ISO 8601. */
  readonly at: string
}

export interface NoticeMember {
  readonly name: string
  readonly detail: string
}

/** Members named in one notice; of the others it says how many. */
export const MEMBERS_SHOWN = 10

/** What happened. Times are Unix milliseconds, UTC. */
export type NoticeEvent =
  | {
      /** The run ended because the gate held files; `file_quarantined`: it held some, and the run went on. */
      readonly kind: 'gate_failed' | 'file_quarantined'
      readonly source: string
      readonly run: string
      readonly atMs: number
      readonly files: readonly NoticeFile[]
    }
  | {
      readonly kind: 'run_failed'
      readonly source: string
      readonly run: string
      readonly atMs: number
      /** Error code, e.g. `ENGINE_OUT_OF_MEMORY`. */
      readonly code: string
      /** Some files were loaded, others could not be judged. @defaultValue false */
      readonly partly?: boolean | undefined
      /** Files that could not be judged. */
      readonly filesFailed?: number | undefined
    }
  | {
      readonly kind: 'recovered'
      readonly source: string
      readonly run: string
      readonly atMs: number
      readonly from: 'gate_failed' | 'run_failed' | 'stale'
      readonly filesLoaded?: number | undefined
    }
  | {
      readonly kind: 'stale'
      readonly source: string
      readonly atMs: number
      /** In words, e.g. `every 1h`. */
      readonly expected: string
      /** When the missing file was due: one notice per deadline. */
      readonly dueAtMs: number
      /** Null: none was ever loaded. */
      readonly lastLoadedAtMs: number | null
    }

export interface NoticeFile {
  readonly path: string
  readonly dataset: string
  readonly score: number | null
  /** Checks and findings by id; of their messages nothing is sent. */
  readonly reasons: readonly {
    readonly check: string
    readonly severity: string
    readonly failedRows?: number | undefined
  }[]
}

/** The notice as it is stored and sent. */
export function noticePayload(notice: Notice): Readonly<Record<string, JsonValue>> {
  const { key, event, severity, title, text, labels, more, commands, at } = notice
  const members = notice.members.map(({ name, detail }) => ({ name, detail }))
  return { schemaVersion: 1, key, event, severity, title, text, labels, members, more, commands, at }
}
