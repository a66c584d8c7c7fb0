import { createHash } from 'node:crypto'
import type { State } from '@tidegate/state'

const PAGE = { limit: 1000 }

/**
 * A text that differs after something changed that a refused request may not change: not for lines of the audit log,
 * idempotency keys, sessions and when tokens were last used.
 */
export async function stateFingerprint(state: State): Promise<string> {
  const hash = createHash('sha256')
  const add = (value: unknown): void => void hash.update(JSON.stringify(value))
  add((await state.listTokens()).map(({ lastUsedAtMs: _used, ...token }) => token))
  add(await state.listIngestions())
  add(await state.listSchedules())
  add((await state.listJobs(PAGE)).items)
  add((await state.listTicks(PAGE)).items)
  add((await state.listAlerts(PAGE)).items)
  add(await state.listSilences())
  add((await state.listDeliveries(PAGE)).items)
  add(await state.listQuarantine())
  add(await state.listWatermarks())
  return hash.digest('hex')
}
