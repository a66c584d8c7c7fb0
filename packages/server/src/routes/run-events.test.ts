import type { JobEvent } from '@tidegate/core'
import { expect, test } from 'vitest'
import type { Services } from '../services.ts'
import { eventsOf } from './run-events.ts'

const event = (seq: number): JobEvent => ({ job: 'j', seq, atMs: seq, kind: 'note', data: { seq } }) as JobEvent

test('who stops reading costs no more than the newest thousand events, and then goes on with those', async () => {
  let tell: (events: readonly JobEvent[]) => void = () => {}
  let isOver = false
  const services = {
    state: {
      getJob: async () => ({ state: isOver ? 'ok' : 'running' }),
      listJobEvents: async () => [],
    },
    jobFeed: {
      subscribe: (_job: string, _after: number, onEvents: typeof tell) => {
        tell = onEvents
        return () => {}
      },
    },
  } as unknown as Pick<Services, 'state' | 'jobFeed'>
  const stream = eventsOf(services, 'j', 0)
  expect((await stream.next()).value).toMatch(/^retry: /)
  tell([event(1)])
  expect((await stream.next()).value).toContain('id: 1\n')
  for (let seq = 2; seq <= 50_000; seq += 100) tell(Array.from({ length: 100 }, (_, at) => event(seq + at)))
  const ids: number[] = []
  for await (const piece of stream) {
    const [, id] = /^id: (\d+)$/m.exec(piece) ?? []
    if (id !== undefined) ids.push(Number(id))
    isOver = id === '50001'
  }
  expect(ids).toEqual(Array.from({ length: 1000 }, (_, at) => 49_002 + at))
})
