import type { Config } from '@tidegate/core'
import { isRouted } from '@tidegate/notify'
import { alertChannels } from './step-project-alerts.ts'

/** Names of the channels that alerts of this source go to, by the configuration as it is now; what they ask for is another matter. */
export function toldChannels(source: string, config: Pick<Config, 'channels' | 'sources'>): readonly string[] {
  const notify = new Map(config.sources.map(({ name, notify: named }) => [name, named]))
  return alertChannels(config).flatMap(({ name }) => (isRouted(source, name, notify) ? [name] : []))
}
