import path from 'node:path'
import type { FileVersion, Reason, SourceConfig } from '@tidegate/core'
import { findWrongChecksum } from '@tidegate/parquet'
import { reasonsOf } from './decide-repair.ts'
import type { PipelineEffects } from './effects.ts'

/** Looks into the pages of a Parquet file whose footer is sound. What it says is why the file must not be read as it is. */
export type InspectPages = (version: FileVersion) => Promise<readonly Reason[]>

/**
 * What `verify:` asks for; undefined for `off`.
 *
 * `checksums` compares the page checksums where the file has them (Spark and Fabric write them; the engine never looks):
 * bytes that changed silently would be read as other values. `pages` has the doctor decode every page as well.
 */
export function openInspection(
  verify: SourceConfig['verify'],
  { store, doctor, signal }: Pick<PipelineEffects, 'store' | 'doctor' | 'signal'>,
): InspectPages | undefined {
  switch (verify) {
    case 'off':
      return undefined
    case 'checksums':
      return async (version) => {
        const bytes = await store.open(version.uri)
        try {
          const wrong = await findWrongChecksum(bytes, { signal })
          return wrong === undefined ? [] : reasonsOf([wrong])
        } finally {
          await bytes.close()
        }
      }
    case 'pages':
      return async (version) => {
        const name = path.basename(version.path)
        const { kind, findings } = await doctor.diagnose(version.uri, { level: 'pages', name }, { signal })
        return kind === 'unreadable' ? reasonsOf(findings) : []
      }
  }
}
