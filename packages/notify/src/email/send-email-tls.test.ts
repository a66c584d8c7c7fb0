/** A mail server that wants encryption and a login, with certificates that are made here. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import path from 'node:path'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { composeTestNotice } from '../compose-test-notice.ts'
import type { DeliveryOutcome, EmailChannel } from '../delivery.ts'
import { makeAuthority, type Authority, type KeyAndCertificate } from '../testing/make-certificates.ts'
import { sendEmail } from './send-email.ts'

const NOTICE = composeTestNotice({ name: 'ops', kind: 'email' }, Date.UTC(2026, 10, 21, 12))
const NOW_MS = Date.now()
let folder: string
let ca: string
let authority: Authority
let good: KeyAndCertificate
const closing: (() => void)[] = []

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'tidegate-'))
  authority = await makeAuthority(NOW_MS)
  good = await authority.sign(['127.0.0.1', 'localhost'])
  ca = path.join(folder, 'ca.pem')
  writeFileSync(ca, authority.cert)
})
afterEach(() => {
  for (const close of closing.splice(0)) close()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Talk {
  readonly port: number
  /** User and password as they came, and whether over TLS. */
  readonly logins: { readonly user: string; readonly password: string; readonly encrypted: boolean }[]
  mails: number
}

async function mailServer(options: SMTPServerOptions, host = '127.0.0.1'): Promise<Talk> {
  const talk = { port: 0, logins: [] as Talk['logins'], mails: 0 }
  const server = new SMTPServer({
    onAuth: ({ username, password }, session, callback) => {
      talk.logins.push({ user: username ?? '', password: password ?? '', encrypted: session.secure })
      if (username === 'gate' && password === 'topsecret') callback(null, { user: username })
      else callback(Object.assign(new Error('no'), { responseCode: 535 }))
    },
    onData: (stream, _session, callback) => {
      talk.mails += 1
      stream.resume()
      stream.on('end', () => callback())
    },
    ...options,
  })
  server.on('error', () => undefined)
  closing.push(() => server.close())
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  talk.port = (server.server.address() as AddressInfo).port
  return talk
}

async function send(port: number, fields: Partial<EmailChannel> = {}): Promise<DeliveryOutcome> {
  const channel: EmailChannel = {
    kind: 'email',
    host: '127.0.0.1',
    port,
    secure: false,
    user: 'gate',
    password: 'topsecret',
    from: 'gate@example.org',
    to: ['ops@example.org'],
    ...fields,
  }
  const outcome = await sendEmail(channel, NOTICE, { nowMs: 0, timeoutMs: 5000 })
  // Nothing of this ever gets into a log.
  expect(JSON.stringify(outcome)).not.toMatch(/example\.org|127\.0\.0\.1|localhost|topsecret|gate|tidegate-/)
  return outcome
}

describe('with an authority of its own', () => {
  test.each([
    ['STARTTLS', false],
    ['TLS from the first byte', true],
  ])('%s: user and password go encrypted, and the mail is taken', async (_, secure) => {
    const talk = await mailServer({ ...good, secure })
    expect(await send(talk.port, { secure, tls: { ca } })).toEqual({ kind: 'delivered', status: 250 })
    expect(talk).toMatchObject({ logins: [{ user: 'gate', password: 'topsecret', encrypted: true }], mails: 1 })
  })

  test('a wrong password is final', async () => {
    const talk = await mailServer({ ...good })
    expect(await send(talk.port, { password: 'old', tls: { ca } })).toEqual({
      kind: 'failed',
      retryable: false,
      status: 535,
      message: 'the server did not accept user and password',
    })
  })

  test.each([
    ['nobody we believe signed it; name its authority in tls.ca', false, async () => good, false],
    ['nobody we believe signed it; name its authority in tls.ca', true, async () => good, false],
    ['it is for another name', false, async () => authority.sign(['mail.example.net']), true],
    ['it is for another name', true, async () => authority.sign(['mail.example.net']), true],
    ['it has expired', false, async () => authority.sign(['127.0.0.1'], -60_000), true],
    // Of another authority that has the same name.
    ['its signature is wrong', false, async () => (await makeAuthority(NOW_MS)).sign(['127.0.0.1']), true],
  ])('%s (TLS at once: %s): said so, and no password was sent', async (why, secure, certificate, named) => {
    const talk = await mailServer({ ...(await certificate()), secure })
    expect(await send(talk.port, { secure, ...(named ? { tls: { ca } } : {}) })).toEqual({
      kind: 'failed',
      retryable: true,
      message: `the server's certificate was refused: ${why}`,
    })
    expect(talk).toMatchObject({ logins: [], mails: 0 })
  })

  test('a server without encryption gets neither password nor mail', async () => {
    const talk = await mailServer({ disabledCommands: ['STARTTLS'], allowInsecureAuth: true, authOptional: true })
    for (const user of ['gate', undefined])
      expect(await send(talk.port, { user, tls: { ca, required: false } })).toMatchObject({
        kind: 'failed',
        message: 'the connection could not be encrypted',
      })
    expect(talk).toMatchObject({ logins: [], mails: 0 })
  })

  test('a file that is not there, or holds no certificate, is said, and nobody is called', async () => {
    const talk = await mailServer({ ...good })
    expect(await send(talk.port, { tls: { ca: path.join(folder, 'none.pem') } })).toMatchObject({
      retryable: true,
      message: 'the file of tls.ca could not be read (ENOENT)',
    })
    writeFileSync(path.join(folder, 'key.pem'), good.key)
    expect(await send(talk.port, { tls: { ca: path.join(folder, 'key.pem') } })).toMatchObject({
      message: 'the file of tls.ca holds no certificate in PEM',
    })
    expect(talk.logins).toEqual([])
  })
})

describe('a server of the network that cannot encrypt', () => {
  const host = Object.values(networkInterfaces())
    .flat()
    .find((one) => one !== undefined && one.family === 'IPv4' && !one.internal)?.address
  const bare: SMTPServerOptions = { disabledCommands: ['STARTTLS'], allowInsecureAuth: true, authOptional: true }

  test.runIf(host !== undefined)('gets no password', async () => {
    const talk = await mailServer(bare, '0.0.0.0')
    const outcome = await send(talk.port, { host: host ?? '' })
    expect(outcome).toMatchObject({ kind: 'failed', message: 'the connection could not be encrypted' })
    expect(talk).toMatchObject({ logins: [], mails: 0 })
  })

  test.runIf(host !== undefined)('gets it where the operator says so', async () => {
    const talk = await mailServer(bare, '0.0.0.0')
    expect(await send(talk.port, { host: host ?? '', tls: { required: false } })).toMatchObject({ kind: 'delivered' })
    expect(talk).toMatchObject({ logins: [{ password: 'topsecret', encrypted: false }], mails: 1 })
  })
})
