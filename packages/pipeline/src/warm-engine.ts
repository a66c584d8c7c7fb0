import type { Store } from '@tidegate/core'
import type { PipelineEffects } from './effects.ts'

/**
 * The store's `hash`, which at its first call also has the engine child started: where a file is hashed there will be rows to
 * read, and a process starts while another one reads. A failure is told by whoever needs the engine.
 */
export function warmingHash(hash: Store['hash'], effects: Pick<PipelineEffects, 'openSession'>): Store['hash'] {
  let isWarm = false
  return (...file) => {
    if (!isWarm) {
      isWarm = true
      void effects
        .openSession()
        .then((session) => session.close())
        .catch(() => {})
    }
    return hash(...file)
  }
}
