import { expect, test } from 'vitest'
import { childEnvironment } from './child-environment.ts'

test('an attempt gets what programs need and what the configuration names, and no other secret of the daemon', () => {
  const env = {
    PATH: '/bin',
    LC_ALL: 'C',
    AWS_SECRET_ACCESS_KEY: 'a',
    SLACK_URL: 's',
    LAKE: '/lake',
    STRIPE_KEY: 'k',
    TIDEGATE_TOKEN: 't',
    NODE_CHANNEL_FD: '3',
    LAKE_PASSWORD: 'p',
    EMPTY: undefined,
  }
  const text = 'channels: { ops: { url: "${SLACK_URL:?needed}" } }\nroot: ${ LAKE:-x}\nnote: $STRIPE_KEY ${}\n'
  expect(childEnvironment(env, text)).toEqual({
    PATH: '/bin',
    LC_ALL: 'C',
    AWS_SECRET_ACCESS_KEY: 'a',
    SLACK_URL: 's',
    LAKE: '/lake',
  })
})
