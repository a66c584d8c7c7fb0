import { loadConfig, showConfig } from '@tidegate/config'
import { TidegateError } from '@tidegate/core'
import type { CommandContext } from '../context.ts'
import { printProblems } from '../open.ts'
import { emit, renderTable } from '../render/index.ts'

/** `config check | show`. Reads tidegate.yaml only: no state, no engine, no data. */
export async function config(
  args: { readonly action?: string; readonly redact?: boolean },
  context: CommandContext,
): Promise<number> {
  if (args.action !== 'check' && args.action !== 'show') {
    throw new TidegateError('USAGE_ACTION', `config knows check and show, not ${JSON.stringify(args.action)}`)
  }
  const { directory, env, set, output } = context.options
  const result = await loadConfig({ directory, ...(env === undefined ? {} : { environment: env }), set })
  if (result.kind === 'missing') {
    throw new TidegateError('CONFIG_NOT_FOUND', `there is no tidegate.yaml in ${directory}`, {
      hint: 'Write one with: tidegate init',
    })
  }
  const problems = result.kind === 'ok' ? result.warnings : result.problems
  if (args.action === 'check' || result.kind === 'problems') {
    if (output === 'table') printProblems(problems, context)
    const count = problems.filter((problem) => problem.severity === 'error').length
    emit(
      output,
      { schemaVersion: 1, kind: 'config-check', ok: result.kind === 'ok', items: problems },
      () =>
        result.kind === 'ok'
          ? `${result.config.file}: fine, ${result.config.sources.length} ${result.config.sources.length === 1 ? 'source' : 'sources'}\n\n${context.style.bold('Next')}\n  tidegate doctor    # would anything on this machine stand in the way?`
          : `${count} ${count === 1 ? 'problem' : 'problems'}; nothing was read or changed`,
      context.stdout,
    )
    return result.kind === 'ok' ? 0 : 2
  }
  const items = showConfig(result, { redact: args.redact !== false })
  emit(
    output,
    { schemaVersion: 1, kind: 'config', items },
    () =>
      renderTable({
        width: context.width,
        columns: [{ title: 'key' }, { title: 'value' }, { title: 'from' }],
        rows: items.map((item) => [
          item.key,
          typeof item.value === 'string' ? item.value : JSON.stringify(item.value),
          item.origin,
        ]),
      }),
    context.stdout,
  )
  return 0
}
