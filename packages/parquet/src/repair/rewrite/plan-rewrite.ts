import type { ByteSource, Finding } from '@tidegate/core'

import { diagnose } from '../../diagnose/diagnose.ts'
import { finding } from '../../finding-codes.ts'
import type { RepairOptions, RepairStep, RewritePlan } from '../plan.ts'
import type { FooterPlan } from '../stages.ts'
import { topColumns, type TopColumn } from './top-columns.ts'

export interface PlannedRewrite {
  readonly rewrite: RewritePlan | undefined
  readonly steps: readonly RepairStep[]
  /** Values that were to be repaired and cannot be. */
  readonly findings: readonly Finding[]
}

type ValueFix = RewritePlan['fixes'][number]

const CODES = { 'utf8-replace': 'PQ401', int96: 'PQ402', timestamps: 'PQ403' } as const
const WHAT: Readonly<Record<ValueFix, string>> = {
  'utf8-replace': 'bytes that are not UTF-8 become U+FFFD',
  int96: 'INT96 timestamps become timestamps in microseconds',
  timestamps: 'timestamps outside of the years 1 to 9999 become NULL',
}

/** Whether the rows have to be encoded anew, and what is done to their values then. Reads the values where that must be known. */
export async function planRewrite(
  view: ByteSource,
  { footer, tree }: Extract<FooterPlan, { readonly kind: 'footer' }>,
  dropRows: readonly (readonly [number, number])[],
  { fix = [], mode, limits, signal }: Pick<RepairOptions, 'fix' | 'mode' | 'limits' | 'signal'>,
): Promise<PlannedRewrite> {
  const wanted = (['utf8-replace', 'int96', 'timestamps'] as const).filter((one) => fix.includes(one))
  const top = topColumns(tree)
  const needsValues = wanted.some((one) => one !== 'int96')
  const found = needsValues ? (await diagnose(view, { level: 'values', limits, signal })).findings : []
  const fixes: ValueFix[] = []
  const steps: RepairStep[] = []
  const findings: Finding[] = []
  for (const one of wanted) {
    const columns =
      one === 'int96'
        ? footer.leaves.filter(({ physicalType }) => physicalType === INT96).map(({ path }) => path.join('.'))
        : columnsOf(found, CODES[one])
    const fixable = columns.filter((column) =>
      top.some((candidate) => candidate.name === column && canFix(one, candidate)),
    )
    for (const column of fixable)
      steps.push({ code: CODES[one], what: `column ${column}: ${WHAT[one]}`, lossless: false })
    if (fixable.length > 0) fixes.push(one)
    for (const column of columns.filter((name) => !fixable.includes(name)))
      findings.push(
        finding('PQ903', `Column ${column} is nested; only columns of their own can be repaired by ${one}.`, {
          severity: 'warn',
          where: { column },
        }),
      )
  }
  const isNeeded = mode === 'rewrite' || fixes.length > 0 || dropRows.length > 0
  return { rewrite: isNeeded ? { fixes, dropRows } : undefined, steps, findings }
}

const INT96 = 3

function columnsOf(findings: readonly Finding[], code: string): readonly string[] {
  const columns = findings.flatMap((one) =>
    one.code === code && one.where?.column !== undefined ? [one.where.column] : [],
  )
  return [...new Set(columns)]
}

function canFix(fix: ValueFix, column: TopColumn): boolean {
  switch (fix) {
    case 'utf8-replace':
      return column.kind === 'text'
    case 'int96':
      return column.kind === 'int96'
    case 'timestamps':
      return column.kind === 'timestamp' || column.kind === 'date'
  }
}
