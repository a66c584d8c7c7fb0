import { setTimeout as delay } from 'node:timers/promises'
import type { JobEvent } from '@tidegate/core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openRunnerBench, type RunnerBench } from '../testing/runner-bench.ts'
import type { AttemptEvent } from './attempt-protocol.ts'
import { openJobFeed, type JobFeed } from './job-feed.ts'

let bench: RunnerBench
const feeds: JobFeed[] = []
beforeEach(async () => {
  bench = await openRunnerBench()
  await bench.add('j')
})
afterEach(async () => {
  for (const feed of feeds.splice(0)) feed.close()
  await bench.close()
})

function open(pollMs: number): JobFeed {
  const feed = openJobFeed({ jobs: bench.state, pollMs })
  feeds.push(feed)
  return feed
}

function note(text: string): AttemptEvent {
  return { atMs: 0, kind: 'note', data: { text } }
}

test('who listens gets what is there and what comes, each once and in order, however it is told', async () => {
  const feed = open(60_000)
  const seen: JobEvent[] = []
  feed.subscribe('j', 0, (events) => seen.push(...events))
  const publishing = Array.from({ length: 30 }, (_, step) => feed.publish('j', [note(`${step}a`), note(`${step}b`)]))
  feed.wake('j')
  await Promise.all(publishing)
  await expect.poll(() => seen.length).toBe(61)
  expect(seen.map(({ seq }) => seq)).toEqual(Array.from({ length: 61 }, (_, index) => index + 1))
})

test('who comes back with the last number gets what it missed and no more, and nothing of other jobs', async () => {
  const feed = open(60_000)
  await bench.add('other')
  await feed.publish('j', [note('a'), note('b')])
  const seen: JobEvent[] = []
  feed.subscribe('j', 2, (events) => seen.push(...events))
  await feed.publish('other', [note('x')])
  await feed.publish('j', [note('c')])
  await expect.poll(() => seen.map(({ data }) => data['text'])).toEqual(['b', 'c'])
})

test('what another daemon writes is found without being told; who left hears nothing more', async () => {
  const feed = open(20)
  const seen: JobEvent[] = []
  const leave = feed.subscribe('j', 1, (events) => seen.push(...events))
  await bench.state.addJobEvents('j', [note('from afar')])
  await expect.poll(() => seen.map(({ data }) => data['text'])).toEqual(['from afar'])
  leave()
  await bench.state.addJobEvents('j', [note('later')])
  await delay(80)
  expect(seen).toHaveLength(1)
})

test('a state that does not answer is told to whoever watches, and asked again', async () => {
  const troubles: unknown[] = []
  let isDown = true
  const { state } = bench
  const feed = openJobFeed({
    jobs: {
      addJobEvents: async (...event) => {
        if (isDown) throw new Error('busy')
        return state.addJobEvents(...event)
      },
      listJobEvents: async (...page) => {
        if (isDown) throw new Error('busy')
        return state.listJobEvents(...page)
      },
    },
    pollMs: 20,
    onTrouble: (error) => troubles.push(error),
  })
  feeds.push(feed)
  const seen: JobEvent[] = []
  feed.subscribe('j', 0, (events) => seen.push(...events))
  await feed.publish('j', [note('lost')])
  isDown = false
  await expect.poll(() => seen.map(({ kind }) => kind)).toEqual(['state'])
  expect(troubles.length).toBeGreaterThan(1)
})
