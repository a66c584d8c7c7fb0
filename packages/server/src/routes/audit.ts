import { z } from 'zod'
import { route, type Route } from '../api/route.ts'
import { instant, isoOf, PAGE_PARAMETERS, pageSchema } from './fields.ts'

const entry = z
  .object({
    id: z.string(),
    at: instant('When.'),
    actor: z.string().meta({ examples: ['token:5d41402abc4b', 'local', 'cli:ops'] }),
    action: z.string().meta({ examples: ['ingestion.create', 'run.cancel'] }),
    subject: z.string(),
    outcome: z.enum(['done', 'refused']),
    detail: z.record(z.string(), z.json()),
  })
  .meta({ id: 'AuditEntry', description: 'Who changed what, or tried to.' })

export function auditRoutes(): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/audit',
      operationId: 'listAudit',
      tag: 'Access',
      summary: 'Who changed what',
      scope: 'admin',
      query: z.object({
        ...PAGE_PARAMETERS,
        actor: z.string().min(1).max(200).optional(),
        action: z.string().min(1).max(200).optional(),
      }),
      replies: { 200: { description: 'Newest first.', schema: pageSchema('AuditPage', entry) } },
      async handle({ query: { limit, after, actor, action }, services }) {
        const page = await services.state.listAudit({ limit, after, actor, action })
        const items = page.items.map(({ atMs, ...one }) => ({ ...one, at: isoOf(atMs) }))
        return { status: 200, body: { items, next: page.next } }
      },
    }),
  ]
}
