import path from 'node:path'
import type { ByteSource, FileVersion, Finding, Reason, SourceConfig, Store } from '@tidegate/core'
import { diagnoseFile, findWrongChecksum, watchChecksums } from '@tidegate/parquet'
import { reasonsOf } from './decide-repair.ts'
import type { PipelineEffects } from './effects.ts'
import { soundness, type Glance, type SoundParquet } from './prepare-file.ts'

/** Looks into the pages of a Parquet file whose footer is sound. What it says is why the file must not be read as it is. */
export type InspectPages = (version: FileVersion) => Promise<readonly Reason[]>

export interface Inspection {
  /** Hashes a file, and looks at its bytes on the way where that saves reading them twice. */
  readonly hash: Store['hash']
  /** Undefined: nobody looks. */
  readonly pages: InspectPages | undefined
  /** What the bytes said of small Parquet files on their way, so that nobody has to open them again for their footers. */
  readonly glance: Glance
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
  format: SourceConfig['format'] = 'auto',
): Inspection {
  const glances = openGlances(format)
  const store: Store = {
    ...effects.store,
    async hash(uri, aborted, watch) {
      const look = glances.look(uri)
      let others = watch
      const hash = await effects.store.hash(uri, aborted, async (bytes) => {
        const more = await look.push(bytes)
        if (others !== undefined && !(await others(bytes))) others = undefined
        return more || others !== undefined
      })
      look.end(hash)
      return hash
    },
  }
  return { ...inspectionOf(verify, { ...effects, store }), glance: glances.of }
}

/** More would be felt in memory; the footers of the others are read when their turn comes. */
const GLANCES_KEPT = 100_000

/** A file this small comes in one piece. */
const GLANCE_BYTES = 2 ** 20

interface Glances {
  look(uri: string): { push(bytes: Uint8Array): Promise<boolean>; end(hash: string): void }
  readonly of: Glance
}

function openGlances(format: SourceConfig['format']): Glances {
  const seen = new Map<string, { readonly hash: string; readonly found: SoundParquet }>()
  return {
    of({ uri, contentHash }) {
      const glance = seen.get(uri)
      return glance?.hash === contentHash ? glance.found : undefined
    },
    look(uri) {
      seen.delete(uri)
      let pieces = 0
      let found: SoundParquet | undefined
      return {
        async push(bytes) {
          pieces += 1
          if (pieces === 1 && bytes.length < GLANCE_BYTES && seen.size < GLANCES_KEPT && isParquet(bytes)) {
            const request = { name: path.basename(uri), expected: format, level: 'footer' } as const
            const diagnosis = soundness(await diagnoseFile(inMemory(bytes), request))
            found = 'kind' in diagnosis ? undefined : diagnosis
          }
          // A second piece says that the first was not all of it.
          return found !== undefined
        },
        end(hash) {
          if (pieces === 1 && found !== undefined) seen.set(uri, { hash, found })
        },
      }
    },
  }
}

function isParquet(bytes: Uint8Array): boolean {
  return bytes.length >= 12 && Buffer.from(bytes.buffer, bytes.byteOffset + bytes.length - 4, 4).toString() === 'PAR1'
}

function inMemory(bytes: Uint8Array): ByteSource {
  return {
    sizeBytes: bytes.length,
    read: (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)),
    close: () => Promise.resolve(),
  }
}

function inspectionOf(
  verify: SourceConfig['verify'],
  effects: Pick<PipelineEffects, 'store' | 'doctor' | 'signal'>,
): Omit<Inspection, 'glance'> {
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

function inspectChecksums(store: Store, signal: AbortSignal): Omit<Inspection, 'glance'> {
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
