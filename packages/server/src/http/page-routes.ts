import type { FastifyInstance } from 'fastify'
import { sendBody } from './body.ts'
import type { PageFiles } from './page-files.ts'

/** Names of assets change with their content. */
const FOR_EVER = 'public, max-age=31536000, immutable'
/** What is data or a file is not found rather than answered with the page. */
const NO_PAGE = /^\/(?:views|assets|api)(?:\/|$)/

/** The page at every address that is nothing else: it finds its way by the address itself. */
export function pageRoutes(app: FastifyInstance, { index, assets }: PageFiles): void {
  app.route({
    method: ['GET', 'HEAD'],
    url: '/*',
    handler: (request, reply) => {
      const [address = '/'] = request.url.split(/[?#]/, 1)
      const asset = assets.get(address)
      if (asset !== undefined) return sendBody(request, reply, asset, FOR_EVER)
      if (NO_PAGE.test(address)) return reply.callNotFound()
      return sendBody(request, reply, index)
    },
  })
}
