export type Unit = 'ms' | 's' | 'files/s' | 'KB' | 'MB' | 'MiB' | 'MB/s' | '%' | 'answers' | 'ticks'

/** One line of the table. `ours` and `bare` are in `unit`. */
export interface ResultRow {
  readonly section: string
  readonly what: string
  readonly unit: Unit
  readonly ours: number
  /** The bare engine (or file system) at the same work, measured in the same run; null where there is nothing to compare. */
  readonly bare: number | null
  /** How many times the time of the bare engine. Null without one. */
  readonly ratio: number | null
  readonly bar: string
  readonly verdict: 'met' | 'missed' | 'no bar'
  readonly note?: string
}

/** A row of times whose bar is a multiple of the bare time. */
export function ratioRow(
  row: Pick<ResultRow, 'section' | 'what'> & {
    readonly oursMs: number
    readonly bareMs: number
    readonly note?: string
  },
  most: number | undefined,
): ResultRow {
  const ratio = row.oursMs / row.bareMs
  return {
    section: row.section,
    what: row.what,
    unit: 'ms',
    ours: row.oursMs,
    bare: row.bareMs,
    ratio,
    bar: most === undefined ? '' : `≤ ${most} ×`,
    verdict: most === undefined ? 'no bar' : ratio <= most ? 'met' : 'missed',
    ...(row.note === undefined ? {} : { note: row.note }),
  }
}
