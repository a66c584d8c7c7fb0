import path from 'node:path'
import type { FileVersion, Finding, Reason, SourceConfig, Store } from '@tidegate/core'
import { findWrongChecksum, watchChecksums } from '@tidegate/parquet'
import { reasonsOf } from './decide-repair.ts'
import type { PipelineEffects } from './effects.ts'

/** Looks into the pages of a Parquet file whose footer is sound. What it says is why the file must not be read as it is. */
export type InspectPages = (version: FileVersion) => Promise<readonly Reason[]>

export interface Inspection {
  /** Hashes a file, and looks at its bytes on the way where that saves reading them twice. */
  readonly hash: Store['hash']
  /** Undefined: nobody looks. */
  readonly pages: InspectPages | undefined
}

/**
 * What `verify:` asks for.
 *
 * `checksums` compares the page checksums where the file has them (Spark and Fabric write them; the engine never looks):
 * bytes that changed silently would be read as other values. `pages` has the doctor decode every page as well.
 */
export function openInspection(
  verify: SourceConfig['verify'],
  effects: Pick<PipelineEffects, 'store' | 'doctor' | 'signal'>,
): Inspection {
  const { store, doctor, signal } = effects
  const hash: Store['hash'] = (uri, aborted, watch) => store.hash(uri, aborted, watch)
  switch (verify) {
    case 'off':
      return { hash, pages: undefined }
    case 'checksums':
      return inspectChecksums(store, signal)
    case 'pages':
      return {
        hash,
        pages: async (version) => {
          const name = path.basename(version.path)
          const { kind, findings } = await doctor.diagnose(version.uri, { level: 'pages', name }, { signal })
          return kind === 'unreadable' ? reasonsOf(findings) : []
        },
      }
  }
}

function inspectChecksums(store: Store, signal: AbortSignal): Inspection {
  const seen = new Map<string, Finding | undefined>()
  const keyOf = (uri: string, hash: string): string => `${hash} ${uri}`
  return {
    async hash(uri, aborted) {
      const watch = watchChecksums(() => store.open(uri))
      let wasShown = false
      const hash = await store.hash(uri, aborted, async (bytes) => {
        wasShown = true
        return watch.push(bytes)
      })
      if (wasShown) seen.set(keyOf(uri, hash), watch.found())
      return hash
    },
    async pages({ uri, contentHash }) {
      const key = keyOf(uri, contentHash)
      const wrong = seen.has(key) ? seen.get(key) : await readChecksums(uri, store, signal)
      return wrong === undefined ? [] : reasonsOf([wrong])
    },
  }
}

/** For a store that knew the hash without reading. */
async function readChecksums(uri: string, store: Store, signal: AbortSignal): Promise<Finding | undefined> {
  const bytes = await store.open(uri)
  try {
    return await findWrongChecksum(bytes, { signal })
  } finally {
    await bytes.close()
  }
}
