import type { JsonValue } from '../json.ts'

/** Each scope includes those before it. */
export type AccessScope = 'read' | 'run' | 'write' | 'admin'

export const ACCESS_SCOPES: readonly AccessScope[] = ['read', 'run', 'write', 'admin']

/** A token as it is kept: of the secret only its SHA-256, lower-case hex. Times Unix milliseconds, UTC. */
export interface TokenRecord {
  /** Public part of the token; safe in logs. */
  readonly id: string
  readonly hash: string
  readonly name: string
  readonly scope: AccessScope
  readonly createdBy: string
  readonly createdAtMs: number
  /** Null: it does not expire. */
  readonly expiresAtMs: number | null
  readonly lastUsedAtMs: number | null
  readonly revokedAtMs: number | null
}

/** A browser that showed a token once. The cookie's secret is kept as its SHA-256. */
export interface SessionRecord {
  readonly hash: string
  readonly token: string
  readonly csrf: string
  readonly createdAtMs: number
  readonly expiresAtMs: number
}

/** Who changed what, or tried to. Never holds a secret or a value of the data. */
export interface AuditRecord {
  readonly id: string
  readonly atMs: number
  /** `token:<id>`, `cli:<user>`, `anonymous`. */
  readonly actor: string
  /** `ingestion.create`, `run.cancel`, `alert.acknowledge`, … */
  readonly action: string
  readonly subject: string
  readonly outcome: 'done' | 'refused'
  readonly detail: Readonly<Record<string, JsonValue>>
}

/** The answer that was given to a request with an `Idempotency-Key`; given again for a day. */
export interface IdempotencyRecord {
  readonly actor: string
  readonly key: string
  /** SHA-256 of method, path and body: the same key with another request is refused. */
  readonly request: string
  /** Null while the first request is still being answered. */
  readonly status: number | null
  readonly body: string | null
  readonly createdAtMs: number
}

/** An ingestion that was made by API: a source that does not stand in `tidegate.yaml`. */
export interface IngestionRecord {
  /** Its name; a source of the configuration with the same name wins and hides it. */
  readonly id: string
  /** What would stand under `sources.<id>` in `tidegate.yaml`. */
  readonly entry: Readonly<Record<string, JsonValue>>
  /** Grows with each change. */
  readonly version: number
  readonly createdBy: string
  readonly createdAtMs: number
  readonly updatedBy: string
  readonly updatedAtMs: number
}
