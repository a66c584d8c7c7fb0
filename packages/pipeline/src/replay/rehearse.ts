import {
  type Destination,
  type EntryDraft,
  type LedgerEntry,
  type RejectedPart,
  type RejectedRequest,
  type Staging,
} from '@tidegate/core'

/** A destination that counts what would be written, and writes nothing. What it says was committed is in no log. */
export function rehearse(destination: Destination): Destination {
  return {
    ...destination,
    prepare: async () => countingStaging(),
    commit: async (draft) => ({ kind: 'committed', entry: entryOf(draft, 0) }),
    publish: async () => ({ lastSeq: 0, published: 0, retired: 0, unknown: [], missing: [] }),
  }
}

/** What an entry of this draft would say. */
export function entryOf(draft: EntryDraft, seq: number): LedgerEntry {
  const { batch, refuseDuplicateContent: _test, basedOn: _base, ...rest } = draft
  return { format: 1, seq, ...batch, ...rest }
}

function countingStaging(): Staging {
  return {
    directory: '',
    stageRows: async () => [],
    async stageRejectedRows(session, select, part, options) {
      const { rows } = await session.query(`SELECT count(*) FROM (${select})`, options)
      return notStaged(part, Number(rows[0]?.[0] ?? 0))
    },
    stageOriginal: async (_uri, part) => notStaged(part),
    stageText: async (_text, part) => notStaged(part),
    settle: async () => ({ add: [], remove: [], superseded: [], dropped: [], basedOn: undefined }),
    seal: async () => {},
    drop: async () => {},
  }
}

/** A part of which nothing was written. */
export function notStaged({ visible, file, kind, rows = 0 }: RejectedRequest, counted: number = rows): RejectedPart {
  return { kind, staged: '', visible, bytes: 0, rows: counted, hash: '', file }
}
