import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import os from 'node:os'
import path from 'node:path'
import { serveMonitor, type MonitorServer, type MonitorServerOptions } from '../serve-monitor.ts'
import { smallReader, type SmallReader } from './small-reader.ts'

export interface Served {
  readonly server: MonitorServer
  readonly reader: SmallReader
  /** Holds `page/` and, beside it, `secret.txt`. */
  readonly folder: string
  stop(): Promise<void>
}

export async function startServed(options: Partial<MonitorServerOptions> = {}): Promise<Served> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'tidegate-server-'))
  mkdirSync(path.join(folder, 'page/assets'), { recursive: true })
  writeFileSync(path.join(folder, 'page/index.html'), '<!doctype html><title>The page</title>')
  writeFileSync(path.join(folder, 'page/assets/page-1.js'), `'${'x'.repeat(5000)}'`)
  writeFileSync(path.join(folder, 'page/hidden.js'), 'hidden')
  writeFileSync(path.join(folder, 'secret.txt'), 'secret')
  const reader = smallReader()
  const server = await serveMonitor({
    facts: reader,
    assets: { folder: path.join(folder, 'page') },
    sources: [],
    project: 'shop',
    version: '1.2.3',
    command: 'tidegate monitor --since 7d',
    pollMs: 20,
    ...options,
  })
  return {
    server,
    reader,
    folder,
    async stop() {
      await server.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export interface Answer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly body: Buffer
}

/** By hand rather than by fetch: nothing tidies the path or sets the host. */
export function ask(port: number, target: string, options: http.RequestOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, path: target, agent: false, ...options }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      )
      response.on('error', reject)
    })
    request.on('error', reject)
    request.end()
  })
}

export interface EventReader {
  /** Everything that came so far. */
  text(): string
  /** Resolves when it has this. */
  until(text: string): Promise<void>
  readonly ended: Promise<void>
  leave(): void
}

export async function openEvents(port: number, headers: http.OutgoingHttpHeaders = {}): Promise<EventReader> {
  return new Promise((resolve, reject) => {
    const request = http.get({ host: '127.0.0.1', port, path: '/views/events', agent: false, headers }, (response) => {
      let text = ''
      const waiting = new Set<() => void>()
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString()
        for (const look of waiting) look()
      })
      response.on('error', () => {})
      const ended = new Promise<void>((end) => response.on('close', end))
      resolve({
        text: () => text,
        until: async (wanted) =>
          new Promise<void>((found) => {
            const look = (): void => {
              if (!text.includes(wanted)) return
              waiting.delete(look)
              found()
            }
            waiting.add(look)
            look()
          }),
        ended,
        leave: () => request.destroy(),
      })
    })
    request.on('error', reject)
  })
}
