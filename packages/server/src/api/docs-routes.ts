import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import { stringifyJson } from '@tidegate/core'
import type { FastifyInstance } from 'fastify'
import { bodyOf, sendBody } from '../http/body.ts'
import { PROBLEMS_ADDRESS } from '../http/problem.ts'
import type { OpenApiDocument } from './openapi.ts'
import { HTTP_CODES } from './problem-codes.ts'

/** `/openapi.json`, `/docs` (to browse it) and `/docs/problems` (the codes). Nothing of it is loaded from elsewhere. */
export async function docsRoutes(app: FastifyInstance, document: OpenApiDocument): Promise<void> {
  const specification = await bodyOf('application/json; charset=utf-8', stringifyJson(document))
  const problems = await bodyOf('text/html; charset=utf-8', problemsPage())
  app.route({
    method: ['GET', 'HEAD'],
    url: '/openapi.json',
    handler: (request, reply) => sendBody(request, reply, specification),
  })
  app.route({
    method: ['GET', 'HEAD'],
    url: PROBLEMS_ADDRESS,
    handler: (request, reply) => sendBody(request, reply, problems),
  })
  await app.register(swagger, { mode: 'static', specification: { document: structuredClone(document) as never } })
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    theme: { title: 'Tidegate API' },
    uiConfig: { docExpansion: 'none', deepLinking: true, validatorUrl: null, displayRequestDuration: true },
  })
}

function problemsPage(): string {
  const rows = HTTP_CODES.map(
    ([code, status, meaning, hint]) =>
      `<tr id="${code}"><td><code>${code}</code></td><td>${status}</td><td>${meaning}</td><td>${hint}</td></tr>`,
  )
  return (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Problems · Tidegate API</title>' +
    '<meta name="viewport" content="width=device-width"><style>body{font:16px/1.5 system-ui;margin:2rem auto;max-width:60rem;' +
    'padding:0 1rem;color-scheme:light dark}td,th{text-align:left;padding:.4rem 1rem .4rem 0;vertical-align:top}' +
    ':target{background:Mark;color:MarkText}</style><h1>Problems</h1><p>What the server itself refuses. All other codes are ' +
    'explained by <code>tidegate explain CODE</code>.</p><table><thead><tr><th>Code<th>Status<th>Meaning<th>What to do</thead><tbody>' +
    `${rows.join('')}</tbody></table></html>`
  )
}
