import { TidegateError, codeOf, messageOf, type Session } from '@tidegate/core'
import type { PipelineEffects } from './effects.ts'

/**
 * A session in the engine child. An engine that was just killed gets a second chance; one that does not start is no file's
 * fault.
 *
 * @throws TidegateError `ENGINE_START`
 */
export async function openEngine(effects: Pick<PipelineEffects, 'openSession'>): Promise<Session> {
  try {
    return await effects.openSession()
  } catch (error) {
    if (codeOf(error) !== 'ENGINE_CRASHED') throw error
  }
  try {
    return await effects.openSession()
  } catch (error) {
    throw new TidegateError('ENGINE_START', `the engine cannot be started: ${messageOf(error)}`, {
      hint: 'tidegate doctor tries the engine and says what is wrong.',
      dataNow: 'Nothing of this batch was committed.',
      cause: error,
    })
  }
}
