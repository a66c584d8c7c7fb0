// `run <file>`: indexes entry after entry from where the state stands, until it is killed. Tells when it has done the first.
import { openState } from '../index.ts'
import { makeEntry } from './entries.ts'

export const FILES_PER_ENTRY = 20

const [how, path = ''] = process.argv.slice(2)
if (how === 'run') {
  // Whoever started it may be killed, too.
  process.on('disconnect', () => process.exit(1))
  const state = await openState({ path, nowMs: () => 0 })
  for (let seq = (await state.indexedSeq('/lake')) + 1; ; seq += 1) {
    const paths = Array.from({ length: FILES_PER_ENTRY }, (_, index) => `${String(seq)}/${String(index)}`)
    const notice = { key: String(seq), channel: 'ops', event: 'x', payload: {}, createdAtMs: seq }
    const watermark = { column: 'n', type: 'BIGINT', value: String(seq) }
    await state.indexEntry('/lake', makeEntry(seq, paths, { watermark }), { notices: [notice] })
    process.send?.(seq)
  }
}
