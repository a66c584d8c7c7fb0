import { expect, test } from 'vitest'
import { retryDelayMs } from '../retry-delay.ts'
import { signWebhook } from './sign-webhook.ts'

test('the example of the specification gives its signature', () => {
  expect(
    signWebhook('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', {
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      timestampSeconds: 1614265330,
      body: '{"test": 2432232314}',
    }),
  ).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
})

test('while one secret replaces another both sign', () => {
  const one = `whsec_${Buffer.alloc(32, 1).toString('base64')}`
  const two = `whsec_${Buffer.alloc(32, 2).toString('base64')}`
  const message = { id: 'a', timestampSeconds: 1, body: '{}' }
  expect(signWebhook(`${one} ${two}`, message)).toBe(`${signWebhook(one, message)} ${signWebhook(two, message)}`)
})

test('retries follow the recommended schedule, later if the receiver asks, and end', () => {
  expect(retryDelayMs(1)).toBe(5000)
  expect(retryDelayMs(2)).toBe(300_000)
  expect(retryDelayMs(1, 60_000)).toBe(60_000)
  expect(retryDelayMs(9)).toBe(86_400_000)
  expect(retryDelayMs(10)).toBeUndefined()
})
