import { compareRecords, type SegmentRecord } from './record.ts'

/**
 * Several sorted runs of records as one. Of records with equal keys the first run's wins, so the newest comes first.
 *
 * @param dropGone leaves keys out that are gone: right where nothing older lies below
 */
export function* mergeRecords(
  runs: readonly Iterable<SegmentRecord>[],
  dropGone: boolean,
): Generator<SegmentRecord, void, undefined> {
  const heads = runs.map((run) => headOf(run[Symbol.iterator]()))
  for (;;) {
    let least: SegmentRecord | undefined
    for (const { record } of heads) {
      if (record !== undefined && (least === undefined || compareRecords(record, least) < 0)) least = record
    }
    if (least === undefined) return
    if (!dropGone || least.value.length > 0) yield least
    for (const head of heads) {
      if (head.record !== undefined && compareRecords(head.record, least) === 0) advance(head)
    }
  }
}

interface Head {
  readonly rest: Iterator<SegmentRecord>
  record: SegmentRecord | undefined
}

function headOf(rest: Iterator<SegmentRecord>): Head {
  const head: Head = { rest, record: undefined }
  advance(head)
  return head
}

function advance(head: Head): void {
  const next = head.rest.next()
  head.record = next.done === true ? undefined : next.value
}
