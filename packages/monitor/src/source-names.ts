import type { History } from './history.ts'
import type { MonitorContext } from './monitored-source.ts'

/** Sources of the configuration in its order, then those that only the history knows, by name. */
export function sourceNames(history: History, context: MonitorContext): readonly string[] {
  const configured = context.config.map(({ name }) => name)
  const known = new Set(configured)
  const others = new Set<string>()
  for (const records of [history.runs, history.files, history.watermarks, history.failures, history.checks]) {
    for (const { source } of records) if (!known.has(source)) others.add(source)
  }
  for (const { file } of history.held) if (!known.has(file.source)) others.add(file.source)
  return [...configured, ...[...others].toSorted()]
}
