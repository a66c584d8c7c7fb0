import path from 'node:path'
import { readContract, renderProblem } from '@tidegate/config'
import { TidegateError, type Contract } from '@tidegate/core'
import { diffContracts, validateExpectations } from '@tidegate/dq'
import { contractFilesOf } from '@tidegate/project'
import type { CommandContext } from '../context.ts'
import { openCliProject, quietEffects } from '../open.ts'
import { createStyle, emit, formatAmount, safeText } from '../render/index.ts'

/** `contract check [FILE…]` (all contracts of the project without a file) and `contract diff A B` (exit 3 on breaking changes). */
export async function contract(
  args: { readonly action?: string; readonly files?: readonly string[] },
  context: CommandContext,
): Promise<number> {
  switch (args.action) {
    case 'check':
      return checkContracts(args.files ?? [], context)
    case 'diff':
      return diff(args.files ?? [], context)
    default:
      throw new TidegateError('USAGE_ACTION', `contract knows check and diff, not ${JSON.stringify(args.action)}`)
  }
}

async function checkContracts(given: readonly string[], context: CommandContext): Promise<number> {
  const files =
    given.length > 0
      ? given.map((file) => path.resolve(context.options.directory, file))
      : await projectContracts(context)
  const items: {
    file: string
    severity: string
    code: string
    message: string
    hint?: string | undefined
    line?: number | undefined
  }[] = []
  const color = createStyle(process.stderr).enabled
  for (const file of files) {
    const result = await readContract(file)
    const shown = path.relative(context.options.directory, file)
    if (result.kind === 'missing') {
      items.push({ file: shown, severity: 'error', code: 'CONTRACT_MISSING', message: 'there is no such file' })
      continue
    }
    const problems = result.kind === 'ok' ? result.warnings : result.problems
    for (const problem of problems) {
      if (context.options.output === 'table') process.stderr.write(`${renderProblem(problem, { color })}\n\n`)
      items.push({
        file: shown,
        severity: problem.severity,
        code: problem.code,
        message: problem.message,
        hint: problem.hint,
        line: problem.line,
      })
    }
    if (result.kind === 'ok') {
      for (const problem of validateExpectations(result.contract)) {
        items.push({
          file: shown,
          severity: problem.severity,
          code: problem.code,
          message: `${problem.path.join('.')}: ${problem.message}`,
          hint: problem.hint,
        })
      }
    }
  }
  const errors = items.filter((item) => item.severity === 'error')
  const { style } = context
  emit(
    context.options.output,
    { schemaVersion: 1, kind: 'contract-check', files: files.length, items },
    () =>
      [
        ...items.map(
          (item) =>
            `${item.severity === 'error' ? style.bad(item.code) : style.warn(item.code)} ${safeText(item.file)}: ${safeText(item.message)}${item.hint === undefined ? '' : `\n  hint: ${safeText(item.hint)}`}`,
        ),
        errors.length === 0
          ? `${formatAmount(files.length, 'contract')}: fine`
          : `${formatAmount(errors.length, 'problem')} in ${formatAmount(files.length, 'contract')}`,
      ].join('\n'),
    context.stdout,
  )
  return errors.length === 0 ? 0 : 2
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

async function contractIn(file: string, context: CommandContext): Promise<Contract> {
  const result = await readContract(path.resolve(context.options.directory, file))
  if (result.kind === 'ok') return result.contract
  if (result.kind === 'missing') throw new TidegateError('CONFIG_CONTRACT', `there is no file ${file}`)
  throw new TidegateError('CONFIG_CONTRACT', `${file}: ${result.problems.map((problem) => problem.message).join('; ')}`)
}
