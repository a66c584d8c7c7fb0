import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { openDesk, type DeskOptions, type OpenDesk } from './open-desk.ts'

const entry = fileURLToPath(new URL('../testing/odd-desk-child.ts', import.meta.url))
const desks: OpenDesk[] = []
afterEach(() => {
  for (const desk of desks.splice(0)) desk.close()
})

function odd(more: Partial<DeskOptions> = {}): OpenDesk {
  const desk = openDesk({ place: { directory: '/nowhere' }, entry, ...more })
  desks.push(desk)
  return desk
}

function look(
  desk: OpenDesk,
  source: string,
  signal?: AbortSignal,
): Promise<{ readonly source: string; readonly pid: number }> {
  return desk.ask({ kind: 'look', source }, signal) as Promise<{ source: string; pid: number }>
}

test('nothing runs before the first question; one process answers all of them, in order', async () => {
  const desk = odd()
  expect(desk.pid).toBeUndefined()
  const order: string[] = []
  const answers = await Promise.all(
    ['a', 'b', 'c'].map(async (source) => {
      const answer = await look(desk, source)
      order.push(source)
      return answer
    }),
  )
  expect(order).toEqual(['a', 'b', 'c'])
  expect(new Set(answers.map(({ pid }) => pid))).toEqual(new Set([desk.pid]))
})

test('a question that hangs is told to have taken too long, its process is killed, and the next one is answered by another', async () => {
  const desk = odd({ limitMs: 1500 })
  const { pid } = await look(desk, 'a')
  const slow = look(desk, 'hang')
  const next = look(desk, 'b')
  await expect(slow).rejects.toMatchObject({ code: 'SERVER_DESK_TIMEOUT', retryable: true })
  const answer = await next
  expect(answer).toMatchObject({ source: 'b' })
  expect(answer.pid).not.toBe(pid)
  expect(() => process.kill(pid, 0)).toThrow('ESRCH')
})

test('a process that dies fails its question and no other', async () => {
  const desk = odd()
  const crash = look(desk, 'crash')
  const next = look(desk, 'a')
  await expect(crash).rejects.toMatchObject({ code: 'SERVER_DESK_CRASHED', retryable: true })
  await expect(crash).rejects.toThrow('exit code 3')
  expect(await next).toMatchObject({ source: 'a' })
})

test('what the process refuses comes with its code and hint', async () => {
  await expect(look(odd(), 'refuse')).rejects.toMatchObject({ code: 'CONFIG_UNKNOWN_SOURCE', hint: 'name another' })
})

test('more questions than may wait are refused at once; who leaves makes room, waiting or not', async () => {
  const desk = odd({ mostWaiting: 2 })
  const [first, second] = [new AbortController(), new AbortController()]
  const atWork = look(desk, 'hang', first.signal)
  const waits = look(desk, 'a', second.signal)
  const alsoWaits = look(desk, 'b')
  await expect(look(desk, 'c')).rejects.toMatchObject({ code: 'SERVER_DESK_BUSY', retryable: true })
  second.abort()
  await expect(waits).rejects.toMatchObject({ code: 'CANCELLED' })
  const late = look(desk, 'd')
  first.abort()
  await expect(atWork).rejects.toMatchObject({ code: 'CANCELLED' })
  expect(await alsoWaits).toMatchObject({ source: 'b' })
  expect(await late).toMatchObject({ source: 'd' })
})

test('a process without questions ends, and the next question starts another', async () => {
  const desk = odd({ idleMs: 50 })
  const { pid } = await look(desk, 'a')
  await expect.poll(() => desk.pid).toBeUndefined()
  await expect.poll(() => isThere(pid)).toBe(false)
  expect((await look(desk, 'b')).pid).not.toBe(pid)
})

test('closing answers everybody, kills the process, and refuses later questions', async () => {
  const desk = odd()
  const { pid } = await look(desk, 'a')
  const open = [look(desk, 'hang'), look(desk, 'b')]
  desk.close()
  for (const question of open) await expect(question).rejects.toMatchObject({ code: 'SERVER_DESK_CLOSED' })
  await expect(look(desk, 'c')).rejects.toMatchObject({ code: 'SERVER_DESK_CLOSED' })
  await expect.poll(() => isThere(pid)).toBe(false)
})

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
