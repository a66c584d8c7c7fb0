import { MONITOR_SECTIONS } from '@tidegate/monitor'
import { z } from 'zod'
import { listParameter } from '../api/schemas.ts'
import { route, type Route } from '../api/route.ts'

const time = (description: string): z.ZodOptional<z.ZodString> =>
  z
    .string()
    .max(40)
    .optional()
    .meta({ description: `${description} Unix milliseconds, or 2026-11-21T08:00:00Z.` })

const window = {
  since: time('From when on. Seven days ago where not given.'),
  until: time('Up to when.'),
  source: listParameter(z.string()).optional().meta({ description: 'Only these sources.' }),
  dataset: listParameter(z.string()).optional().meta({ description: 'Only these datasets.' }),
}

/** The views as the OpenAPI document has them: what answers them is in `view-routes.ts` and `event-routes.ts`. */
export function viewOperations(): readonly Route[] {
  const view = (path: string, operationId: string, summary: string, shape: Partial<Route>): Route =>
    route({
      method: 'GET',
      path,
      operationId,
      tag: 'Views',
      summary,
      scope: 'read',
      replies: { 200: { description: 'As docs/monitoring.md says.', schema: z.looseObject({}) } },
      query: z.object(window),
      handle: async () => ({ status: 404 }),
      ...shape,
    } as Parameters<typeof route>[0])
  return [
    view('/views/facts', 'readFacts', 'The facts that the page makes its views of', {}),
    view('/views/all', 'readReport', 'All views at once, as `tidegate monitor --output json`', {}),
    view('/views/{section}', 'readView', 'One view', { params: z.object({ section: z.enum(MONITOR_SECTIONS) }) }),
    view('/views/checks', 'listFailedChecks', 'Results of checks that failed', {
      query: z.object({
        since: window.since,
        until: window.until,
        source: window.source,
        dataset: z.string().optional(),
        check: z.string().optional(),
        perCheck: z.int().min(1).max(100).optional(),
        offset: z.int().min(0).max(10_000_000).optional(),
      }),
    }),
    view('/views/events', 'streamChanges', 'Says `changed` when the state moved', {
      query: undefined,
      replies: { 200: { description: 'Server-sent events.', schema: z.string(), type: 'text/event-stream' } },
    }),
  ]
}
