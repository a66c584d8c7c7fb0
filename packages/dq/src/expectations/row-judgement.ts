import type { ColumnRef } from '../expression/column-ref.ts'
import { FALSE, TRUE, type Expression } from '../expression/expression.ts'
import type { Metric } from '../expression/metric.ts'
import type { Compiled, Judgement, Kwargs, KwargSpec, Measured } from './definition.ts'

/** Arguments of every expectation about single rows. */
export const MOSTLY: Readonly<Record<'mostly', KwargSpec>> = { mostly: { type: 'fraction', default: 1 } }

/** Metrics of an expectation about the values of one column. Missing values are not considered. */
export function compileRows(ref: ColumnRef, violated: Expression, description: string): Compiled {
  return {
    kind: 'measured',
    description,
    violated,
    metrics: {
      elements: { kind: 'rows' },
      considered: ref.present,
      ...unexpectedMetrics(ref.value, violated),
    },
  }
}

/** The same of several columns: only rows in `kept` count, and `violated` must be false in the others. */
export function compileKeptRows(
  shown: Expression,
  kept: Expression,
  violated: Expression,
  description: string,
): Compiled {
  return {
    kind: 'measured',
    description,
    violated,
    metrics: {
      elements: { kind: 'rows' },
      ...(kept === TRUE ? {} : { considered: { kind: 'count', where: kept } as const }),
      ...unexpectedMetrics(shown, violated),
    },
  }
}

/** Metrics that count and show the rows that break a rule. A rule that nothing can break is not measured. */
export function unexpectedMetrics(shown: Expression, violated: Expression): Readonly<Record<string, Metric>> {
  if (violated === FALSE) return {}
  return {
    unexpected: { kind: 'count', where: violated },
    sample: { kind: 'sample', of: shown, where: violated },
  }
}

/**
 * GX's rule: success if (considered − unexpected) / considered ≥ mostly, as floats and without an epsilon; nothing
 * considered is a success. Roles: `elements`, `considered` (absent: all rows), and `unexpected` or, where that is cheaper to
 * count, `expected`.
 */
export function judgeRows(kwargs: Kwargs, measured: Measured): Judgement {
  const elements = measured.count('elements')
  const considered = measured.has('considered') ? measured.count('considered') : elements
  const unexpected = measured.has('expected') ? elements - measured.count('expected') : measured.count('unexpected')
  const mostly = Number(kwargs['mostly'] ?? 1)
  const passed = considered === 0 || (considered - unexpected) / considered >= mostly
  return {
    passed,
    message: `${measured.description}: ${countsText(unexpected, considered, mostly)}`,
    elementCount: elements,
    missingCount: elements - considered,
    unexpectedCount: unexpected,
    unexpectedPercent: considered === 0 ? null : (100 * unexpected) / considered,
  }
}

function countsText(unexpected: number, considered: number, mostly: number): string {
  if (considered === 0) return 'no rows to judge'
  if (unexpected === 0) return `all ${numberText(considered)} rows`
  const counts = `${numberText(unexpected)} of ${numberText(considered)} rows unexpected`
  return mostly < 1 ? `${counts} (${Number((100 * (1 - mostly)).toPrecision(6))} % allowed)` : counts
}

// One formatter for all: toLocaleString makes a new one each time, 180 µs against 2.
const FIGURES = new Intl.NumberFormat('en-US', { maximumFractionDigits: 6 })

export function numberText(value: number): string {
  return FIGURES.format(value)
}
