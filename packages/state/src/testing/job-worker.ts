// `job-worker <state> <folder>`: takes jobs, says so, and ends them after a moment, until none is open. Adopts what others leave
// behind. While it works on a source its process id is in a file of the folder: two that meet there say so.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { currentOwner, isOwnerAlive, openState } from '../index.ts'

process.on('disconnect', () => process.exit(1))
const [where = '', folder = ''] = process.argv.slice(2)
const state = await openState({ path: where, nowMs: Date.now })
const owner = currentOwner('working')
process.send?.({ kind: 'ready' })
await new Promise((resolve) => process.once('message', resolve))

while ((await state.openJobs()).length > 0) {
  await state.adoptOrphans(Date.now(), 3_600_000)
  const claimed = await state.claimJob({ owner, run: ({ id }) => `${id} by ${String(process.pid)}`, nowMs: Date.now() })
  if (claimed === undefined) {
    await sleep(5)
    continue
  }
  const { job, attempt } = claimed
  const mark = path.join(folder, job.source)
  try {
    writeFileSync(mark, owner.id, { flag: 'wx' })
  } catch {
    // Whoever was killed could not take its mark away.
    if (isOwnerAlive(readFileSync(mark, 'utf8')) !== false) process.send?.({ kind: 'met', source: job.source })
    writeFileSync(mark, owner.id)
  }
  process.send?.({ kind: 'took', job: job.id, attempt: attempt.attempt })
  await sleep(2)
  rmSync(mark, { force: true })
  const next = { state: 'ok', notBeforeMs: null, countsAsFailure: false } as const
  const end = { outcome: 'ok', errorCode: null, errorMessage: null, summary: null, next } as const
  await state.endAttempt(job.id, attempt.attempt, end, Date.now())
}
await state.close()
process.disconnect()
