import { createHmac } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import PostalMime from 'postal-mime'
import { SMTPServer } from 'smtp-server'

export interface ReceivedMail {
  readonly subject: string
  readonly text: string
}

/** A real SMTP server on a free port of this machine. */
export async function openMailbox(): Promise<{
  readonly port: number
  readonly mails: readonly ReceivedMail[]
  close(): Promise<void>
}> {
  const mails: ReceivedMail[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, _session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        PostalMime.parse(Buffer.concat(chunks)).then(({ subject = '', text = '' }) => {
          mails.push({ subject, text })
          done()
        }, done)
      })
    },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    close: async () => new Promise((resolve) => server.close(() => resolve())),
  }
}

export interface ReceivedHook {
  readonly id: string
  readonly isSigned: boolean
  readonly body: Readonly<Record<string, unknown>>
}

/** A receiver that checks signatures by the Standard Webhooks specification, with code of its own. */
export async function openHook(
  secret: string,
): Promise<{ readonly url: string; readonly hooks: readonly ReceivedHook[]; close(): Promise<void> }> {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const hooks: ReceivedHook[] = []
  const server: Server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (part: string) => (text += part))
    request.on('end', () => {
      const header = (name: string): string => String(request.headers[`webhook-${name}`])
      const wanted = createHmac('sha256', key)
        .update(`${header('id')}.${header('timestamp')}.${text}`)
        .digest('base64')
      const isSigned = header('signature').split(' ').includes(`v1,${wanted}`)
      hooks.push({ id: header('id'), isSigned, body: JSON.parse(text) as Record<string, unknown> })
      response.writeHead(204).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    hooks,
    close: async () => new Promise((resolve) => server.close(() => resolve())),
  }
}
