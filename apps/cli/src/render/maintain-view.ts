import type { MaintenanceStep } from '@tidegate/project'
import { formatBytes, formatCount, NONE } from './format.ts'
import type { Style } from './style.ts'
import { renderTable } from './table.ts'

const WORDS: Readonly<Record<MaintenanceStep['what'], string>> = {
  history: 'runs, checks and notices',
  quarantine: 'closed files in quarantine',
  retired: 'parts that were replaced',
  repaired: 'repaired files of nothing',
  source: 'loaded files of the source',
  temporary: 'temporary folders of dead runs',
}

export function renderMaintenance(
  steps: readonly MaintenanceStep[],
  dryRun: boolean,
  { style, width }: { readonly style: Style; readonly width: number },
): string {
  if (steps.length === 0) return 'Nothing is over its retention.'
  const bytes = steps.reduce((sum, step) => sum + step.bytes, 0)
  const table = renderTable({
    width,
    paintHeader: (text) => style.dim(text),
    columns: [
      { title: dryRun ? 'would go' : 'gone' },
      { title: 'of', cut: 'middle' },
      { title: 'count', align: 'right' },
      { title: 'size', align: 'right' },
    ],
    rows: steps.map((step) => [
      WORDS[step.what],
      step.of ?? '',
      formatCount(step.items),
      step.bytes === 0 ? NONE : formatBytes(step.bytes),
    ]),
  })
  return `${table}\n${dryRun ? 'would free' : 'freed'} ${formatBytes(bytes)}`
}
