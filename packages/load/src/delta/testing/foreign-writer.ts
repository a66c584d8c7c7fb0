import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TempTable } from './delta-story.ts'

/** Appends a commit as another writer would, in one go, so that it may come at any moment of ours. */
export async function commitByHand({ log }: Pick<TempTable, 'log'>, actions: readonly object[]): Promise<void> {
  mkdirSync(log, { recursive: true })
  const next = readdirSync(log).filter((name) => /^\d{20}\.json$/.test(name)).length
  const text = actions.map((action) => `${JSON.stringify(action)}\n`).join('')
  writeFileSync(join(log, `${String(next).padStart(20, '0')}.json`), text, { flag: 'wx' })
}
