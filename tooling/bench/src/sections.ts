import type { Section } from './bench-context.ts'
import { captureSection } from './capture-section.ts'
import { checkSection } from './check-section.ts'
import { csvSection } from './csv-section.ts'
import { daemonSection } from './daemon-section.ts'
import { groupedSection } from './grouped-section.ts'
import { ingestSection } from './ingest-section.ts'
import { manyFilesSection } from './many-files-section.ts'
import { monitorSection } from './monitor-section.ts'
import { nothingNewSection } from './nothing-new-section.ts'
import { parquetSection } from './parquet-section.ts'
import { planSection } from './plan-section.ts'
import { proofsSection } from './proofs-section.ts'
import { splitSection } from './split-section.ts'
import { startUpSection } from './start-up-section.ts'
import { validateSection } from './validate-section.ts'

/** In the order in which they run. */
export const SECTIONS: readonly Section[] = [
  validateSection,
  proofsSection,
  captureSection,
  splitSection,
  groupedSection,
  planSection,
  parquetSection,
  ingestSection,
  csvSection,
  checkSection,
  manyFilesSection,
  nothingNewSection,
  monitorSection,
  daemonSection,
  startUpSection,
]

/** The sections of these names, in the order in which they run; all for no name. @throws Error for an unknown name */
export function selectSections(names: readonly string[]): readonly Section[] {
  const unknown = names.filter((name) => !SECTIONS.some((section) => section.name === name))
  if (unknown.length > 0)
    throw new Error(`there is no section ${unknown.map((name) => JSON.stringify(name)).join(', ')}`)
  return names.length === 0 ? SECTIONS : SECTIONS.filter((section) => names.includes(section.name))
}
