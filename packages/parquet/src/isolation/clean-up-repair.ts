import { readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { localStore } from '@tidegate/storage'

import { isTempOf } from '../repair/temp-files.ts'
import type { RepairReport } from '../repair/report.ts'

/** Removes what a killed child left behind: temp files with this token beside `out` and in the system's temp folder. */
export async function cleanUpRepair(token: string, out: string | undefined): Promise<void> {
  for (const folder of [tmpdir(), ...(out === undefined ? [] : [dirname(out)])])
    for (const name of await readdir(folder).catch(() => []))
      if (isTempOf(name, token)) await rm(join(folder, name), { recursive: true, force: true })
}

/** Whether the result of a repair is there, with the content that was verified. */
export async function isNamed(report: RepairReport): Promise<boolean> {
  if (report.out === undefined) return false
  const hash = await localStore()
    .hash(report.out)
    .catch(() => undefined)
  return hash !== undefined && hash === report.outSha256
}
