/** Death at every mark that the story passes. */
import type { Session } from '@tidegate/core'
import { openDuckDB } from '@tidegate/duckdb'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { expectSurvival, marksOfStory } from './testing/survive-kill.ts'

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(() => session.close())

const marks = await marksOfStory()

describe.concurrent('killed at', () => {
  test.for(marks)('%s, time %i: nothing is lost, nothing doubled, and a second run converges', ([phase, hit]) =>
    expectSurvival(phase, hit, session),
  )
})
