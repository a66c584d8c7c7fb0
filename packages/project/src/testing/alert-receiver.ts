import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What came in one request. */
export interface Heard {
  readonly id: string
  readonly event: string
}

export interface AlertReceiver {
  readonly url: string
  readonly heard: Heard[]
  /** What is answered from now on. */
  status: number
  close(): void
}

/** A receiver of webhooks on this machine. */
export async function openAlertReceiver(): Promise<AlertReceiver> {
  const heard: Heard[] = []
  const server = createServer((request, response) => {
    heard.push({ id: String(request.headers['webhook-id']), event: String(request.headers['tidegate-event']) })
    response.writeHead(receiver.status).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const receiver: AlertReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    heard,
    status: 200,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
  return receiver
}
