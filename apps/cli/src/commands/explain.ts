import type { CommandContext } from '../context.ts'
import { explainCode } from '../codes.ts'
import { emit, safeText } from '../render/index.ts'

/** What a code means, what it means for the data, and what to do. Offline. */
export async function explain(args: { readonly code?: string }, context: CommandContext): Promise<number> {
  const code = (args.code ?? '').trim()
  const found = await explainCode(code)
  if (found.kind === 'unknown') {
    emit(
      context.options.output,
      { schemaVersion: 1, kind: 'explain', code, known: false, suggestions: found.suggestions },
      () =>
        `${safeText(code)}: no such code.${found.suggestions.length > 0 ? ` Did you mean ${found.suggestions.join(', ')}?` : ''}`,
      context.stdout,
    )
    return 2
  }
  emit(
    context.options.output,
    { schemaVersion: 1, kind: 'explain', known: true, ...found.entry },
    () =>
      [
        context.style.bold(`${found.entry.code}${found.entry.name === '' ? '' : ` ${found.entry.name}`}`),
        found.entry.meaning,
        ...(found.entry.hint === '' ? [] : ['', found.entry.hint]),
      ].join('\n'),
    context.stdout,
  )
  return 0
}
