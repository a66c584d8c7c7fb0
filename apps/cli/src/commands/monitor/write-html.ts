import { statSync } from 'node:fs'
import path from 'node:path'
import { TidegateError } from '@tidegate/core'
import { reportTemplate } from '@tidegate/dashboard'
import { writeReport } from '@tidegate/monitor'
import { writeDurable } from '@tidegate/storage'
import type { CommandContext } from '../../context.ts'
import { emit, formatBytes } from '../../render/index.ts'
import { safeText } from '../../render/safe-text.ts'
import { commandOf, readSubject, type Subject } from './read-subject.ts'

export interface HtmlOptions {
  /** Where to; a file that is there gives way. */
  readonly html: string
  readonly includeSamples: boolean
  readonly force: boolean
}

/** Above this a browser takes its time; lists are shortened from 5 MB on. */
const REFUSED_BYTES = 10_000_000

/** `monitor --html FILE`. */
export async function writeHtml(subject: Subject, options: HtmlOptions, context: CommandContext): Promise<number> {
  const { html, includeSamples, force } = options
  if (!/\.html?$/i.test(html))
    throw new TidegateError('USAGE_MONITOR', `--html takes the name of an HTML file, not ${JSON.stringify(html)}`, {
      hint: 'It ends in .html; a file of that name gives way.',
    })
  const file = path.resolve(context.options.directory, html)
  refuseMissingFolder(path.dirname(file))
  const { facts, context: about } = await readSubject(subject, context)
  const command = commandOf(subject, ['--html', html, ...(includeSamples ? ['--include-samples'] : [])])
  const written = await writeReport(await template(), {
    version: context.version,
    project: path.basename(subject.project.config.directory),
    command,
    facts,
    context: { ...about, command },
    includeSamples,
  })
  if (written.bytes > REFUSED_BYTES && !force)
    throw new TidegateError('MONITOR_REPORT_LARGE', `the report would have ${formatBytes(written.bytes)}`, {
      hint: 'Take a shorter --since or fewer sources, or write it all the same with --force.',
      dataNow: 'Nothing was written.',
    })
  await writeDurable(file, written.html)
  const { bytes, dataBytes, trimmed } = written
  const samples = includeSamples ? 'masked' : 'none'
  emit(
    context.options.output,
    { schemaVersion: 1, kind: 'monitor-html', file, bytes, dataBytes, samples, trimmed },
    () =>
      [
        `Wrote ${safeText(file)} (${formatBytes(bytes)}); it opens without a network.`,
        ...(trimmed.length === 0 ? [] : [`To keep it small it lists ${trimmed.join(', ')}. Sums are whole.`]),
        ...(includeSamples ? ['Values out of rows are in it; sensitive columns are masked.'] : []),
      ].join('\n'),
    context.stdout,
  )
  return 0
}

/** Before the past is read. */
function refuseMissingFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return
  throw new TidegateError('MONITOR_FOLDER_MISSING', `there is no folder ${JSON.stringify(folder)}`, {
    hint: 'Make it first, or name another place: a folder that is misspelled should not come to be.',
    dataNow: 'Nothing was written.',
  })
}

async function template(): Promise<string> {
  try {
    return await reportTemplate()
  } catch (error) {
    throw new TidegateError('SERVER_PAGE_MISSING', 'the template of the report is not there', {
      hint: 'Install Tidegate again; in its own repository, run `npm run setup`.',
      cause: error,
    })
  }
}
