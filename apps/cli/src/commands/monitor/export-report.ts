import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { stringifyJson } from '@tidegate/core'
import { monitorReport } from '@tidegate/monitor'
import { linkExclusive } from '@tidegate/storage'
import type { CommandContext } from '../../context.ts'
import { emit, formatBytes } from '../../render/index.ts'
import { safeText } from '../../render/safe-text.ts'
import { readSubject, type Subject } from './read-subject.ts'

/** `monitor --export DIR`: writes the report as `dq_report_<time>.json`. A file that is there stays. */
export async function exportReport(subject: Subject, folder: string, context: CommandContext): Promise<number> {
  const { facts, context: about } = await readSubject(subject, context)
  const text = `${stringifyJson(monitorReport(facts, about), 2)}\n`
  const directory = path.resolve(context.options.directory, folder)
  await mkdir(directory, { recursive: true })
  const stamp = new Date(about.nowMs).toISOString().replaceAll(/[-:]|\.\d+/g, '')
  const file = await writeNew(path.join(directory, `dq_report_${stamp}`), text)
  const bytes = Buffer.byteLength(text)
  emit(
    context.options.output,
    { schemaVersion: 1, kind: 'monitor-export', file, bytes },
    () => `Wrote ${safeText(file)} (${formatBytes(bytes)}).`,
    context.stdout,
  )
  return 0
}

/** Two reports of one second get names of their own. */
async function writeNew(stem: string, text: string): Promise<string> {
  for (let number = 1; ; number++) {
    const file = `${stem}${number === 1 ? '' : `_${number}`}.json`
    if ((await linkExclusive(file, text)) === 'created') return file
  }
}
