import type { Config } from '@tidegate/core'
import { withIngestions } from '@tidegate/project/open'
import type { State } from '@tidegate/state'
import { schedulesOf, type WantedSchedule } from '../scheduler/index.ts'
import type { ConfigFile } from './config-file.ts'

/** The configuration in force: what the file says, and the ingestions that were made by API. */
export interface LiveConfig {
  config(): Config
  /** The same array until something changed. */
  schedules(): readonly WantedSchedule[]
  /** Reads the ingestions anew, and the file where it was edited. True: something is different now. */
  reload(): Promise<boolean>
}

export async function openLiveConfig(
  file: Pick<ConfigFile, 'config' | 'look'>,
  state: Pick<State, 'listIngestions'>,
  onWarning: (message: string) => void,
): Promise<LiveConfig> {
  let known = ''
  let base: Config | undefined
  let config = file.config()
  let schedules: readonly WantedSchedule[] = []
  const reload = async (): Promise<boolean> => {
    await file.look()
    const records = await state.listIngestions()
    const mark = JSON.stringify(records.map(({ id, version, createdAtMs }) => [id, version, createdAtMs]))
    if (mark === known && file.config() === base) return false
    known = mark
    base = file.config()
    const merged = withIngestions(base, records)
    for (const { message } of merged.warnings) onWarning(message)
    config = merged.config
    schedules = schedulesOf(config)
    return true
  }
  await reload()
  return { config: () => config, schedules: () => schedules, reload }
}
