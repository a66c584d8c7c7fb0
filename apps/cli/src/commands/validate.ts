import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { TidegateError, messageOf, type Session } from '@tidegate/core'
import {
  renderGithubAnnotations,
  renderGithubSummary,
  renderJUnit,
  renderMarkdown,
  reportOf,
  stringifyResult,
  validate as validateData,
  type ValidateOptions,
  type ValidationResult,
} from '@tidegate/dq'
import { openBareEffects } from '@tidegate/project'
import type { CommandContext } from '../context.ts'
import { reportTo } from '../open.ts'
import { inert } from '../render/output.ts'
import { renderValidation } from '../render/validation-view.ts'
import { blameDamage } from './validate/blame-damage.ts'
import { loadPlugins } from './validate/load-plugins.ts'
import { readParameters, readResultFormat, readSuiteFile } from './validate/read-inputs.ts'

export interface ValidateArgs {
  readonly suite?: string
  readonly data?: readonly string[]
  readonly table?: readonly string[]
  readonly resultFormat?: string
  readonly indexColumns?: readonly string[]
  readonly parameters?: string
  readonly plugin?: readonly string[]
  readonly explain?: boolean
  readonly outputFile?: string
}

/**
 * `validate --suite S --data FILE…`: needs no project and writes nothing but `--output-file`. Parquet, CSV and JSON are read
 * by the engine itself, as by `validate` of @tidegate/dq.
 */
export async function validate(args: ValidateArgs, context: CommandContext): Promise<number> {
  const { directory } = context.options
  const suite = await readSuiteFile(args.suite, context)
  const files = args.data ?? []
  if (files.length === 0)
    throw new TidegateError('USAGE_PATH', 'validate needs data: --data FILE…', { hint: 'tidegate validate --help' })
  const tables = new Map((args.table ?? []).map(namedTable))
  const plugins = await loadPlugins(args.plugin ?? [], directory)
  const options: ValidateOptions = {
    resultFormat: await readResultFormat(args.resultFormat, directory),
    indexColumns: args.indexColumns,
    parameters: await readParameters(args.parameters, directory),
    tables: Object.fromEntries([...tables].map(([name, file]) => [name, { files: file, folder: directory }])),
    plugins,
    nowMs: context.nowMs(),
    signal: context.signal,
    explain: args.explain,
  }
  const read = [...files, ...tables.values()].map((file) => path.resolve(directory, file))
  const result = await withEngine(read, context, (session) =>
    validateData(session, { files, folder: directory }, suite, options),
  ).catch(async (error: unknown) => await blameDamage(error, read, context))
  await write(result, args, context)
  // The result says success, as that of Great Expectations does; the exit code says that no check let the data pass.
  if (result.results.length === 0)
    context.progress.message('warn', `${args.suite ?? 'the suite'} has no expectations: nothing was checked`)
  return result.success && result.results.length > 0 ? 0 : 3
}

/** An engine of its own that may touch the folders of the data and nothing else. */
async function withEngine(
  files: readonly string[],
  context: CommandContext,
  work: (session: Session) => Promise<ValidationResult>,
): Promise<ValidationResult> {
  const temp = await mkdtemp(path.join(os.tmpdir(), 'tidegate-validate-'))
  const bare = openBareEffects({
    tempDirectory: temp,
    folders: [...new Set(files.map(fixedFolder)), temp],
    report: reportTo(context),
    signal: context.signal,
  })
  try {
    const session = await bare.effects.openSession()
    return await work(session)
  } finally {
    await bare.close()
    await rm(temp, { recursive: true, force: true })
  }
}

/** The folder above the first wildcard. */
function fixedFolder(file: string): string {
  const wild = file.search(/[*?[]/)
  return path.dirname(wild === -1 ? file : `${file.slice(0, wild)}x`)
}

function namedTable(given: string): readonly [string, string] {
  const at = given.indexOf('=')
  if (at <= 0 || at === given.length - 1)
    throw new TidegateError('USAGE_TABLE', `--table ${given} is not NAME=FILE`, {
      hint: 'For example --table customers=customers.parquet.',
    })
  return [given.slice(0, at), given.slice(at + 1)]
}

async function write(result: ValidationResult, args: ValidateArgs, context: CommandContext): Promise<void> {
  const format: string = context.options.output
  const text = await render(format, result, args, context)
  const ended = text === '' || text.endsWith('\n') ? text : `${text}\n`
  if (args.outputFile === undefined) {
    context.stdout.write(ended)
    return
  }
  const file = path.resolve(context.options.directory, args.outputFile)
  try {
    await writeFile(file, ended)
  } catch (error) {
    throw new TidegateError('USAGE_PATH', `the result cannot be written to ${file}: ${messageOf(error)}`, {
      hint: 'Name a file in a folder that exists and may be written to.',
      cause: error,
    })
  }
  context.progress.message('info', `wrote ${file}`)
}

async function render(
  format: string,
  result: ValidationResult,
  args: ValidateArgs,
  context: CommandContext,
): Promise<string> {
  switch (format) {
    case 'table':
      return renderValidation(result, args, context)
    case 'junit':
      return renderJUnit(reportOf(result))
    case 'markdown':
      return renderMarkdown(reportOf(result))
    case 'github':
      return renderGithub(result)
    case 'ndjson':
      return result.results.map((item) => inert(stringifyResult(item))).join('\n')
    default:
      return inert(stringifyResult(result, 2))
  }
}

/** Annotations on stdout, and the summary where GitHub Actions wants it. */
async function renderGithub(result: ValidationResult): Promise<string> {
  const report = reportOf(result)
  const summary = process.env['GITHUB_STEP_SUMMARY']
  if (summary !== undefined && summary !== '') await appendFile(summary, renderGithubSummary(report))
  return renderGithubAnnotations(report)
}
