import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { TidegateError, messageOf } from '@tidegate/core'
import { diffReports, type MonitorReport } from '@tidegate/monitor'
import { EXIT, type CommandContext } from '../../context.ts'
import { emit } from '../../render/index.ts'
import { renderDiff, renderDiffMarkdown } from '../../render/monitor/render-diff.ts'

/** `monitor diff BEFORE AFTER`: what changed between two exported reports; exit 3 where something got worse. */
export async function diff(files: readonly string[], context: CommandContext): Promise<number> {
  const [before, after] = files
  if (before === undefined || after === undefined || files.length > 2)
    throw new TidegateError('USAGE_MONITOR', `diff takes two reports, not ${files.length}`, {
      hint: 'For example: tidegate monitor diff monday.json tuesday.json',
    })
  const result = diffReports(await readReport(before, context), await readReport(after, context))
  const output = context.options.output as string
  if (output === 'markdown') context.stdout.write(`${renderDiffMarkdown(result)}\n`)
  else
    emit(context.options.output, { ...result }, () => renderDiff(result, context.style, context.width), context.stdout)
  return result.verdict === 'worse' ? EXIT.gate : EXIT.ok
}

async function readReport(file: string, { options }: CommandContext): Promise<MonitorReport> {
  const refuse = (why: string): TidegateError =>
    new TidegateError('MONITOR_REPORT_UNREADABLE', `${JSON.stringify(file)} ${why}`, {
      hint: 'A report is what `tidegate monitor --export DIR` or `tidegate monitor --output json` wrote.',
    })
  let value: unknown
  try {
    value = JSON.parse(await readFile(path.resolve(options.directory, file), 'utf8'))
  } catch (error) {
    throw refuse(error instanceof SyntaxError ? 'is no JSON' : `cannot be read: ${messageOf(error)}`)
  }
  if (typeof value !== 'object' || value === null || !('kind' in value) || value.kind !== 'monitor-report')
    throw refuse('is no report')
  if (!('schemaVersion' in value) || value.schemaVersion !== 2)
    throw refuse('was written by another version of Tidegate')
  return value as MonitorReport
}
