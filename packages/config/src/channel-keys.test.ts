import { expect, test } from 'vitest'
import type { ChannelConfig } from '@tidegate/core'
import { maskExcerpt } from './mask-secrets.ts'
import { parseConfig, type ConfigResult } from './parse-config.ts'
import { renderProblem } from './render-problem.ts'
import { showConfig } from './show-config.ts'

// 24 bytes.
const SECRET = 'whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldY'

function read(channel: string): Exclude<ConfigResult, { kind: 'missing' }> {
  const text = `version: 1\nsources: { a: { path: in } }\nchannels:\n  ops: ${channel}\n`
  return parseConfig(text, { directory: '/p', env: {} })
}

function channelOf(text: string): ChannelConfig | undefined {
  const result = read(text)
  if (result.kind !== 'ok') throw new Error(JSON.stringify(result.problems))
  return result.config.channels[0]
}

test('a channel is told of trouble, and of what went well only if it asks', () => {
  expect(channelOf('{ kind: slack, url: "https://hooks.slack.com/x" }')).toEqual({
    name: 'ops',
    kind: 'slack',
    url: 'https://hooks.slack.com/x',
    allowPrivate: false,
    on: [
      'run_failed',
      'gate_failed',
      'file_quarantined',
      'stale',
      'missing',
      'schema_changed',
      'schedule_missed',
      'job_dead',
      'recovered',
    ],
    maxPerHour: undefined,
    sendResolved: true,
    digest: { at: '08:00', timezone: 'UTC' },
  })
})

test('each kind has its own keys', () => {
  const common =
    'on: [daily_digest], max_per_hour: 5, send_resolved: false, digest: { at: "07:30", timezone: Asia/Kolkata }'
  const base = {
    name: 'ops',
    on: ['daily_digest'],
    maxPerHour: 5,
    sendResolved: false,
    digest: { at: '07:30', timezone: 'Asia/Kolkata' },
  }
  expect(
    channelOf(`{ kind: webhook, url: "http://10.0.0.1/x", secret: ${SECRET}, headers: { X-Key: k }, allow_private: true, ${common} }`),
  ).toEqual({ ...base, kind: 'webhook', url: 'http://10.0.0.1/x', secret: SECRET, headers: { 'X-Key': 'k' }, allowPrivate: true }) // prettier-ignore
  expect(
    channelOf(
      `{ kind: email, host: mail.example.com, user: u, password: p, from: "Gate <g@example.com>", to: a@example.com, ${common} }`,
    ),
  ).toEqual({
    ...base,
    kind: 'email',
    host: 'mail.example.com',
    port: 587,
    secure: false,
    user: 'u',
    password: 'p',
    tls: { ca: undefined, required: true },
    from: 'Gate <g@example.com>',
    to: ['a@example.com'],
  })
  expect(channelOf('{ kind: email, host: h, port: 465, from: a@b.c, to: [a@b.c, d@e.f] }')).toMatchObject({
    secure: true,
    to: ['a@b.c', 'd@e.f'],
  })
  expect(channelOf(`{ kind: openlineage, url: "https://l/api", token: t, ${common} }`)).toEqual({
    ...base,
    kind: 'openlineage',
    url: 'https://l/api',
    token: 't',
    namespace: 'tidegate',
    allowPrivate: false,
  })
})

test.each([
  ['{ kind: slakc, url: "https://h" }', '`channels.ops.kind` must be one of webhook, slack, teams, email, openlineage'],
  ['{ kind: teams }', '`channels.ops.url` is missing'],
  ['{ kind: email, host: h, from: a@b.c }', '`channels.ops.to` is missing'],
  ['{ kind: slack, url: "https://h", secret: x }', '`channels.ops.secret` must be whsec_'],
  [`{ kind: slack, url: "https://h", secret: ${SECRET} }`, 'a slack channel has no `secret`'],
  ['{ kind: email, host: h, from: a@b.c, to: a@b.c, url: "https://h" }', 'an email channel has no `url`'],
  ['{ kind: email, host: "h:25", from: nobody, to: a@b.c }', '`channels.ops.from` must be a mail address'],
  ['{ kind: email, host: h, from: a@b.c, to: "a@b.c, d@e.f" }', '`channels.ops.to` must be a mail address'],
  ['{ kind: email, host: h, from: a@b.c, to: [] }', '`channels.ops.to` must name at least one address'],
  ['{ kind: email, host: h, from: "a@b.c\\r\\nBcc: x@y.z", to: a@b.c }', '`channels.ops.from` must be one line'],
  ['{ kind: email, host: h, from: a@b.c, to: a@b.c, user: u }', 'channel ops has a user alone'],
  ['{ kind: webhook, url: "https://h", headers: { "X Y": z } }', '`channels.ops.headers'],
  ['{ kind: webhook, url: "https://h", headers: { X: "a\\nb" } }', '`channels.ops.headers.X` must be one line'],
  ['{ kind: slack, url: "file:///etc/passwd" }', '`channels.ops.url` must be an http:// or https:// address'],
  ['{ kind: slack, url: "https://h", max_per_hour: 0 }', '`channels.ops.max_per_hour` must be at least 1'],
  ['{ kind: slack, url: "https://h", digest: { at: "8am" } }', '`channels.ops.digest.at` must be a time of day'],
])('a channel %s is refused with its reason', (channel, message) => {
  const result = read(channel)
  expect(result.kind === 'problems' ? result.problems.map((problem) => problem.message).join('\n') : '').toContain(
    message,
  )
})

test.each([
  '{ kind: webhook, url: "https://h/T0KEN", secret: T0KEN, onn: 1 }',
  '{ kind: webhook, url: "https://h", headers: { Authorization: "Bearer T0KEN, x", X: [T0KEN] }, onn: 1 }',
  '\n    kind: webhook\n    url: https://h\n    headers:\n      Authorization: Bearer T0KEN\n      Authorization: Bearer T0KEN',
  '\n    kind: email\n    host: h\n    from: a@b.c\n    to: a@b.c\n    user: u\n    password: {a: T0KEN}',
  '{ kind: openlineage, url: "https://h", token: "T0KEN\\nT0KEN" }',
  '{ kind: email, host: h, from: a@b.c, to: a@b.c, user: u, password: T0KEN, token: T0KEN }',
])('what is wrong with %s is told without its secrets', (channel) => {
  const result = read(channel)
  const problems = result.kind === 'problems' ? result.problems : []
  expect(problems).not.toEqual([])
  expect(JSON.stringify(problems) + problems.map((problem) => renderProblem(problem)).join()).not.toContain('T0KEN')
})

test('secrets are shown only when asked for', () => {
  const result = read(`{ kind: webhook, url: "https://h/T0KEN", secret: ${SECRET}, headers: { X-Key: T0KEN } }`)
  if (result.kind !== 'ok') throw new Error(JSON.stringify(result))
  expect(JSON.stringify(showConfig(result, { redact: true }))).not.toMatch(/T0KEN|whsec_/)
  expect(JSON.stringify(showConfig(result, { redact: false }))).toMatch(/T0KEN.*whsec_/)
})

test.each([
  ['    password: hunter2', '    password: *******'],
  ['{"password":12345}', '{"password":*****}'],
  ['  x-api-key: k', '  x-api-key: *'],
  ['  headers: { A: "b}", C: d }, to: x', '  headers: *****************, to: x'],
  ['channels.ops.headers.X-Key=abc', 'channels.ops.headers.X-Key=***'],
])('of the line %j the secret is not shown, and columns stay', (line, masked) => {
  expect(maskExcerpt(line)).toBe(masked)
})
