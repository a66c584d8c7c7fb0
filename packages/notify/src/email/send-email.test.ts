import { createServer, type Server, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import PostalMime from 'postal-mime'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { afterEach, expect, test } from 'vitest'
import type { DeliveryOutcome, EmailChannel } from '../delivery.ts'
import { composeTestNotice } from '../compose-test-notice.ts'
import { sendEmail } from './send-email.ts'

const NOTICE = composeTestNotice({ name: 'ops', kind: 'email' }, Date.UTC(2026, 10, 21, 12))
const closing: (() => void)[] = []

afterEach(() => {
  for (const close of closing.splice(0)) close()
})

async function mailServer(options: SMTPServerOptions): Promise<{ readonly port: number; readonly mails: string[] }> {
  const mails: string[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData: (stream, _session, callback) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        mails.push(Buffer.concat(chunks).toString())
        callback()
      })
    },
    ...options,
  })
  server.on('error', () => undefined)
  closing.push(() => server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { port: (server.server.address() as AddressInfo).port, mails }
}

async function send(port: number, fields: Partial<EmailChannel> = {}, timeoutMs = 3000): Promise<DeliveryOutcome> {
  const channel: EmailChannel = {
    kind: 'email',
    host: '127.0.0.1',
    port,
    secure: false,
    from: 'gate@example.org',
    to: ['ops@example.org'],
    ...fields,
  }
  const outcome = await sendEmail(channel, NOTICE, { nowMs: 0, timeoutMs })
  expect(JSON.stringify(outcome)).not.toMatch(/example\.org|127\.0\.0\.1|topsecret/)
  return outcome
}

const refusing = (responseCode: number): Error => Object.assign(new Error('no ops@example.org'), { responseCode })

test('a mail has text and HTML, and an id that follows from the notice', async () => {
  const { port, mails } = await mailServer({})
  expect(await send(port, { to: ['a@example.org', 'b@example.org'] })).toEqual({ kind: 'delivered', status: 250 })
  const mail = await PostalMime.parse(mails[0] ?? '')
  expect(mail.subject).toBe('[Tidegate] Test message to channel ops')
  expect(mail.messageId).toBe(`<${NOTICE.key}@tidegate>`)
  expect(mail.to?.map(({ address }) => address)).toEqual(['a@example.org', 'b@example.org'])
  expect(mail.text).toContain('- example.parquet: how a file is named')
  expect(mail.html).toContain('<code>example.parquet</code> how a file is named')
  expect(mail.headers.find(({ key }) => key === 'auto-submitted')?.value).toBe('auto-generated')
})

test('421 and 451 are tried again, 550 and 554 are final, and what the server says is not passed on', async () => {
  let code = 421
  const { port } = await mailServer({ onRcptTo: (_address, _session, callback) => callback(refusing(code)) })
  for (code of [421, 451]) expect(await send(port)).toMatchObject({ kind: 'failed', retryable: true, status: code })
  for (code of [550, 554]) expect(await send(port)).toMatchObject({ kind: 'failed', retryable: false, status: code })
})

test('a password goes to no server that cannot prove its name', async () => {
  let logins = 0
  const { port } = await mailServer({
    authOptional: false,
    allowInsecureAuth: true,
    disabledCommands: [],
    onAuth: (_auth, _session, callback) => {
      logins += 1
      callback(null, { user: 1 })
    },
  })
  // Its certificate is one that everybody has.
  expect(await send(port, { user: 'u', password: 'topsecret' })).toMatchObject({ kind: 'failed' })
  expect(logins).toBe(0)
})

test('without encryption a password is not sent', async () => {
  let logins = 0
  const { port } = await mailServer({
    authOptional: true,
    allowInsecureAuth: true,
    onAuth: (_auth, _session, callback) => {
      logins += 1
      callback(null, { user: 1 })
    },
  })
  expect(await send(port, { user: 'u', password: 'topsecret' })).toMatchObject({ kind: 'failed' })
  expect(logins).toBe(0)
})

/** A server of bare sockets, for what a real one would not do. */
async function rawServer(talk: (socket: Socket) => void): Promise<number> {
  const server: Server = createServer((socket) => {
    socket.on('error', () => undefined)
    closing.push(() => socket.destroy())
    talk(socket)
  })
  closing.push(() => server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

test('a server that hangs, drips or drops the connection is tried again', async () => {
  const hangs = await rawServer(() => undefined)
  expect(await send(hangs, {}, 200)).toEqual({ kind: 'failed', retryable: true, message: 'no answer within 0.2 s' })
  const drips = await rawServer((socket) => {
    const timer = setInterval(() => socket.write('220-wait\r\n'), 20)
    socket.on('close', () => clearInterval(timer))
  })
  expect(await send(drips, {}, 300)).toMatchObject({ kind: 'failed', retryable: true })
  const drops = await rawServer((socket) => socket.destroy())
  expect(await send(drops)).toMatchObject({ kind: 'failed', retryable: true })
})

test('an address that holds a line break reaches no server', async () => {
  const { port, mails } = await mailServer({})
  expect(await send(port, { to: ['a@example.org\r\nBcc: x@example.org'] })).toMatchObject({ retryable: false })
  expect(mails).toEqual([])
})

test('a title with a line break makes no header', async () => {
  const { port, mails } = await mailServer({})
  const payload = { ...NOTICE.payload, title: 'a\r\nBcc: evil@example.com\r\n\r\nbody' }
  const channel: EmailChannel = {
    kind: 'email',
    host: '127.0.0.1',
    port,
    secure: false,
    from: 'g@example.org',
    to: ['o@example.org'],
  }
  await sendEmail(channel, { ...NOTICE, payload }, { nowMs: 0 })
  const mail = await PostalMime.parse(mails[0] ?? '')
  expect(mail.headers.some(({ key }) => key === 'bcc')).toBe(false)
  expect(mail.subject).toContain('Bcc: evil@example.com')
})
