import type { WatermarkRecord } from '@tidegate/core'
import { z } from 'zod'
import { route, type Route } from '../api/route.ts'
import { RequestProblem } from '../http/problem.ts'
import { pageOfWhole } from './cursor.ts'
import { count, instant, isoOf, PAGE_PARAMETERS, pageSchema } from './fields.ts'

const watermark = z
  .object({
    source: z.string(),
    value: z.string().meta({ description: "As text, in the engine's spelling." }),
    type: z.string().meta({ examples: ['TIMESTAMP', 'BIGINT'] }),
    updatedAt: instant('When it moved last.'),
    recordsProcessed: count('Rows that were loaded under it.'),
  })
  .meta({ id: 'Watermark', description: 'The highest value seen of the watermark column of a source: a reading aid.' })

export function watermarkRoutes(): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/watermarks',
      operationId: 'listWatermarks',
      tag: 'Watermarks',
      summary: 'Watermarks of all sources',
      scope: 'read',
      query: z.object(PAGE_PARAMETERS),
      replies: { 200: { description: 'By name of the source.', schema: pageSchema('WatermarkPage', watermark) } },
      async handle({ query, services }) {
        const all = (await services.state.listWatermarks()).toSorted((a, b) => (a.source < b.source ? -1 : 1))
        const page = pageOfWhole(all, query, ({ source }) => source)
        return { status: 200, body: { items: page.items.map((one) => toWatermark(one)), next: page.next } }
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/watermarks/{source}',
      operationId: 'getWatermark',
      tag: 'Watermarks',
      summary: 'The watermark of a source',
      scope: 'read',
      params: z.object({ source: z.string() }),
      replies: { 200: { description: 'The watermark.', schema: watermark } },
      problems: { 404: ['WATERMARK_UNKNOWN'] },
      async handle({ params, services }) {
        const found = await services.state.getWatermark(params.source)
        if (found === undefined)
          throw new RequestProblem(404, 'WATERMARK_UNKNOWN', 'No watermark is known of a source of this name.')
        return { status: 200, body: toWatermark(found) }
      },
    }),
  ]
}

function toWatermark({
  source,
  value,
  type,
  updatedAtMs,
  recordsProcessed,
}: WatermarkRecord): z.input<typeof watermark> {
  return { source, value, type, updatedAt: isoOf(updatedAtMs), recordsProcessed }
}
