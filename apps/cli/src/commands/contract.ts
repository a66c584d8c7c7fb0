import path from 'node:path'
import { placeInContract, readContract } from '@tidegate/config'
import { TidegateError } from '@tidegate/core'
import { diffContracts, validateExpectations } from '@tidegate/dq'
import { contractFilesOf } from '@tidegate/project'
import type { CommandContext } from '../context.ts'
import { openCliProject, quietEffects } from '../open.ts'
import { contractIn, exportContract, importContracts, type FormatArgs } from './contract-formats.ts'
import { createStyle, emit, formatAmount, renderError, safeText, type DiagnosticError } from '../render/index.ts'

/**
 * `contract check [FILE…]` (all contracts of the project without a file), `contract diff A B` (exit 3 on breaking changes),
 * `contract import FILE --from …` and `contract export FILE --to …` (with --strict: exit 3 if anything has no equivalent).
 */
export async function contract(
  args: FormatArgs & { readonly action?: string },
  context: CommandContext,
): Promise<number> {
  switch (args.action) {
    case 'check':
      return checkContracts(args.files ?? [], context)
    case 'diff':
      return diff(args.files ?? [], context)
    case 'import':
      return importContracts(args, context)
    case 'export':
      return exportContract(args, context)
    default:
      throw new TidegateError(
        'USAGE_ACTION',
        `contract knows check, diff, import and export, not ${JSON.stringify(args.action)}`,
      )
  }
}

interface FoundProblem {
  readonly file: string
  readonly severity: 'error' | 'warning'
  readonly code: string
  readonly message: string
  readonly hint?: string | undefined
  readonly line?: number | undefined
  readonly column?: number | undefined
  readonly endColumn?: number | undefined
  readonly excerpt?: string | undefined
}

async function checkContracts(given: readonly string[], context: CommandContext): Promise<number> {
  const files =
    given.length > 0
      ? given.map((file) => path.resolve(context.options.directory, file))
      : await projectContracts(context)
  const found: FoundProblem[] = []
  for (const file of files) found.push(...(await problemsIn(file, path.relative(context.options.directory, file))))
  const errors = found.filter((problem) => problem.severity === 'error')
  if (context.options.output === 'table') {
    const style = createStyle(process.stderr)
    for (const problem of found) process.stderr.write(`${renderError(diagnosticOf(problem), style)}\n\n`)
  }
  emit(
    context.options.output,
    {
      schemaVersion: 1,
      kind: 'contract-check',
      files: files.length,
      items: found.map(({ excerpt: _excerpt, endColumn: _endColumn, ...problem }) => problem),
    },
    () => {
      if (files.length === 0) return 'No contracts yet. Learn them with: tidegate profile'
      return errors.length === 0
        ? `${formatAmount(files.length, 'contract')}: fine`
        : `${formatAmount(errors.length, 'problem')} in ${formatAmount(files.length, 'contract')}`
    },
    context.stdout,
  )
  return errors.length === 0 ? 0 : 2
}

async function problemsIn(file: string, shown: string): Promise<readonly FoundProblem[]> {
  const result = await readContract(file)
  if (result.kind === 'missing')
    return [{ file: shown, severity: 'error', code: 'CONTRACT_NOT_FOUND', message: 'there is no such file' }]
  if (result.kind === 'problems') return result.problems.map((problem) => ({ ...problem, file: shown }))
  const found: FoundProblem[] = result.warnings.map((problem) => ({ ...problem, file: shown }))
  for (const { path: place, ...problem } of validateExpectations(result.contract)) {
    const { line, column, endColumn, excerpt } = (await placeInContract(file, place)) ?? {}
    found.push({ ...problem, file: shown, line, column, endColumn, excerpt })
  }
  return found
}

function diagnosticOf({ file, line, column, endColumn, excerpt, severity, ...problem }: FoundProblem): DiagnosticError {
  const length = column === undefined || endColumn === undefined ? undefined : endColumn - column
  return { ...problem, level: severity, place: { file, line, column, excerpt, length } }
}

async function projectContracts(context: CommandContext): Promise<readonly string[]> {
  const project = await openCliProject(context, { what: 'contract check', readOnly: true })
  try {
    return await contractFilesOf({ ...project, effects: quietEffects(project) })
  } finally {
    await project.close()
  }
}

async function diff(files: readonly string[], context: CommandContext): Promise<number> {
  const [before, after] = files
  if (before === undefined || after === undefined)
    throw new TidegateError('USAGE_PATH', 'contract diff needs two files: tidegate contract diff OLD NEW')
  const items = diffContracts(await contractIn(before, context), await contractIn(after, context))
  const { style } = context
  emit(
    context.options.output,
    { schemaVersion: 1, kind: 'contract-diff', items },
    () =>
      items.length === 0
        ? 'no difference'
        : items
            .map(
              (change) =>
                `${change.breaking ? style.bad('breaking') : style.dim(change.kind)}  ${safeText(change.message)}`,
            )
            .join('\n'),
    context.stdout,
  )
  return items.some((change) => change.breaking) ? 3 : 0
}
