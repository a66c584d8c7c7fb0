import type { AccessStore, AuditRecord, IdempotencyRecord, SessionRecord, TokenRecord } from '@tidegate/core'

/** What access needs of a state, in memory; the lists are open to tests. */
export interface MemoryAccess extends AccessStore {
  readonly tokens: Map<string, TokenRecord>
  readonly sessions: Map<string, SessionRecord>
  readonly audits: AuditRecord[]
  readonly keys: Map<string, IdempotencyRecord>
  /** Thrown by the next writes and reads. */
  failure: Error | undefined
  /** Tokens that were asked for so far. */
  readings: number
  changeMarker(): Promise<string>
}

export function memoryAccess(): MemoryAccess {
  const tokens = new Map<string, TokenRecord>()
  const sessions = new Map<string, SessionRecord>()
  const keys = new Map<string, IdempotencyRecord>()
  const audits: AuditRecord[] = []
  const check = (): void => {
    if (store.failure !== undefined) throw store.failure
  }
  const store: MemoryAccess = {
    tokens,
    sessions,
    keys,
    audits,
    failure: undefined,
    readings: 0,
    changeMarker: async () => JSON.stringify([[...tokens], [...sessions], [...keys], audits]),
    createToken: async (token) => void tokens.set(token.id, token),
    async getToken(id) {
      check()
      store.readings++
      return tokens.get(id)
    },
    listTokens: async () => [...tokens.values()],
    async revokeToken(id, nowMs) {
      const token = tokens.get(id)
      if (token === undefined || token.revokedAtMs !== null) return false
      tokens.set(id, { ...token, revokedAtMs: nowMs })
      return true
    },
    async touchToken(id, nowMs) {
      const token = tokens.get(id)
      if (token !== undefined) tokens.set(id, { ...token, lastUsedAtMs: nowMs })
    },
    createSession: async (session) => void sessions.set(session.hash, session),
    getSession: async (hash) => sessions.get(hash),
    deleteSession: async (hash) => void sessions.delete(hash),
    async addAudit(record) {
      check()
      audits.push(record)
    },
    listAudit: async () => ({ items: audits.toReversed(), next: null }),
    async beginIdempotent(record) {
      check()
      const id = `${record.actor} ${record.key}`
      const known = keys.get(id)
      const isLost = known?.status === null && record.createdAtMs - known.createdAtMs >= 600_000
      if (known !== undefined && !isLost) return known
      keys.set(id, { ...record, status: null, body: null })
      return 'first'
    },
    async endIdempotent(actor, key, status, body) {
      check()
      const id = `${actor} ${key}`
      const known = keys.get(id)
      if (status === undefined || known === undefined) keys.delete(id)
      else keys.set(id, { ...known, status, body })
    },
  }
  return store
}
