import { z } from 'zod'
import { route, type Route } from '../api/route.ts'
import { instant, isoOf, isoOrNull, maybe, PAGE_PARAMETERS, pageSchema } from './fields.ts'

const delivery = z
  .object({
    notice: z.string().meta({ description: 'Key of the message; receivers see the same one at each attempt.' }),
    channel: z.string(),
    event: z.string(),
    attempt: z.int().min(1),
    at: instant('When it was tried.'),
    outcome: z.enum(['delivered', 'failed', 'given-up']),
    status: maybe(z.int()).meta({ description: 'What the receiver answered, where it did.' }),
    message: maybe(z.string()),
    nextAt: maybe(instant('When it is tried again.')),
  })
  .meta({ id: 'Delivery', description: 'One attempt to deliver a message.' })

export function deliveryRoutes(): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/deliveries',
      operationId: 'listDeliveries',
      tag: 'Alerts',
      summary: 'The log of deliveries',
      scope: 'read',
      query: z.object({
        ...PAGE_PARAMETERS,
        notice: z.string().min(1).max(400).optional(),
        channel: z.string().min(1).max(200).optional(),
      }),
      replies: { 200: { description: 'Newest first.', schema: pageSchema('DeliveryPage', delivery) } },
      async handle({ query: { limit, after, notice, channel }, services }) {
        const page = await services.state.listDeliveries({ limit, after, notice, channel })
        const items = page.items.map((one): z.output<typeof delivery> => ({
          notice: one.notice,
          channel: one.channel,
          event: one.event,
          attempt: one.attempt,
          at: isoOf(one.atMs),
          outcome: one.outcome,
          status: one.status,
          message: one.message,
          nextAt: isoOrNull(one.nextAtMs),
        }))
        return { status: 200, body: { items, next: page.next } }
      },
    }),
  ]
}
