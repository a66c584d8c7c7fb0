import { TidegateError } from '@tidegate/core'
import type { FastifyInstance } from 'fastify'
import { isLoopback } from '../access/is-loopback.ts'
import { listen } from '../http/listen.ts'
import { readPageFiles } from '../http/page-files.ts'
import { buildHttpApp, type HttpAppOptions } from './build-http-app.ts'

export interface HttpOptions extends Omit<HttpAppOptions, 'page'> {
  /** Folder of the built page: `index.html` and `assets/`. Absolute. Undefined: no page. */
  readonly assets?: { readonly folder: string } | undefined
}

export interface HttpServer {
  /** `http://127.0.0.1:4300/`. */
  readonly url: string
  readonly port: number
  /**
   * Stops accepting, tells streams and ends them, gives what is being answered `graceMs` to end, then ends it. Calling it again
   * does nothing.
   */
  close(graceMs: number): Promise<void>
}

/**
 * The daemon's HTTP server: API, views, events, page and documentation.
 * @throws {TidegateError} `SERVER_NEEDS_TOKEN`, `SERVER_PAGE_MISSING`, `SERVER_PORT_TAKEN`, `SERVER_PORT_DENIED`, `SERVER_LISTEN`
 */
export async function openHttp(options: HttpOptions): Promise<HttpServer> {
  const { config, assets } = options
  const page = assets === undefined ? undefined : await readPageFiles(assets.folder)
  const { app, access, drain } = await buildHttpApp({ ...options, page })
  if (!isLoopback(config.host) && !(await access.hasUsableToken())) {
    await app.close()
    throw new TidegateError('SERVER_NEEDS_TOKEN', `no token is there, and ${config.host} can be reached by others`, {
      hint: 'Make one with `tidegate token create --name first --scope admin`, or listen on 127.0.0.1.',
      dataNow: 'The daemon did not start.',
    })
  }
  // One socket: the name may stand for two, and only one of them would be waited for at the end.
  const host = config.host === 'localhost' ? '127.0.0.1' : config.host
  const port = await listen(async () => quietly(app, async () => app.listen({ host, port: config.port })), config.port)
  let closing: Promise<void> | undefined
  const close = async (graceMs: number): Promise<void> => {
    drain()
    const late = setTimeout(() => app.server.closeAllConnections(), graceMs)
    await app.close()
    clearTimeout(late)
  }
  return { url: `http://${shownHost(host)}:${port}/`, port, close: async (graceMs) => (closing ??= close(graceMs)) }
}

/** Fastify says each address that it listens on; the daemon says it, once. What goes wrong is thrown. */
async function quietly<Result>({ log }: FastifyInstance, work: () => Promise<Result>): Promise<Result> {
  const { level } = log
  log.level = 'silent'
  try {
    return await work()
  } finally {
    log.level = level
  }
}

/** An address that can be opened: everywhere includes here. */
function shownHost(host: string): string {
  const name = host === '0.0.0.0' || host === '::' || host === '' ? '127.0.0.1' : host
  return name.includes(':') ? `[${name}]` : name
}
