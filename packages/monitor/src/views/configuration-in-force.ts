import type { History } from '../history.ts'
import type { MonitorContext, MonitoredSource } from '../monitored-source.ts'
import { sourceNames } from '../source-names.ts'

export interface ConfigurationView {
  readonly items: readonly MonitoredSource[]
  /** Sources with a history that the configuration does not name (any more). */
  readonly orphans: readonly string[]
}

/** What the sources are configured to do now. */
export function configurationInForce(history: History, context: MonitorContext): ConfigurationView {
  const configured = new Set(context.config.map(({ name }) => name))
  return {
    items: context.config,
    orphans: sourceNames(history, context).filter((name) => !configured.has(name)),
  }
}
