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
  test.for(marks)(
    'mark %i (%s): nothing is lost, nothing doubled, and a second run converges',
    async ([hit, phase]) => await expectSurvival(hit, phase, session),
  )
})
