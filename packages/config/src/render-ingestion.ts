import type { IngestionEntry } from './build-ingestion.ts'
import { renderYaml } from './render-yaml.ts'

/** An ingestion as the piece of `tidegate.yaml` that it would be; ends in a line break. */
export function renderIngestion(name: string, entry: IngestionEntry): string {
  return renderIngestions([{ id: name, entry }])
}

/** Several under one `sources:`, in the order given. */
export function renderIngestions(records: readonly { readonly id: string; readonly entry: IngestionEntry }[]): string {
  return renderYaml({ sources: Object.fromEntries(records.map(({ id, entry }) => [id, entry])) })
}
