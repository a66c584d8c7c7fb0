import { z } from 'zod'
import { route, type Route } from '../api/route.ts'
import { RequestProblem } from '../http/problem.ts'
import { readCursor, writeCursor } from './cursor.ts'
import { fileSchema, toFile } from './file-view.ts'
import { flag, instantParameter, isoOf, namesParameter, PAGE_PARAMETERS, pageSchema } from './fields.ts'

const query = z.object({
  ...PAGE_PARAMETERS,
  source: namesParameter('Only files of these sources.'),
  dataset: z.string().min(1).max(400).optional(),
  outcome: z.enum(['loaded', 'held', 'skipped']).optional(),
  folder: z.string().max(2000).optional().meta({ description: 'Only files in this folder or below it.' }),
  search: z.string().max(400).optional().meta({ description: 'Part of the path.' }),
  run: z.string().max(200).optional(),
  check: z.string().max(400).optional().meta({ description: 'Only files that failed this check.' }),
  repaired: flag('Only files that were read from a repaired copy.'),
  imperfect: flag('Only files with a score below 100.'),
  order: z.enum(['newest', 'lowest-score', 'most-rows', 'most-bytes']).default('newest'),
  since: instantParameter('Decided at this time or later.'),
  until: instantParameter('Decided before this time.'),
})

/** Files that are decided after the first page was asked for are on none of the pages that follow: nothing shifts. */
const place = z.tuple([z.int().min(0), z.int().min(0).max(10_000_000)])

const history = z
  .object({
    file: fileSchema,
    versions: z
      .array(fileSchema)
      .meta({ description: 'All versions of its path, oldest first; in several targets, several.' }),
    failures: z.array(
      z.object({ code: z.string(), message: z.string(), failedAt: z.iso.datetime(), attempts: z.int().min(1) }),
    ),
  })
  .meta({ id: 'FileHistory', description: 'A version of a file with its path’s whole history.' })

export function fileRoutes(): Route[] {
  return [listFiles(), getFile()]
}

function listFiles(): Route {
  return route({
    method: 'GET',
    path: '/api/v1/files',
    operationId: 'listFiles',
    tag: 'Files',
    summary: 'Files and what became of them',
    scope: 'read',
    query,
    replies: {
      200: {
        description: 'In the order asked for, the newest first where none was.',
        schema: pageSchema('FilePage', fileSchema).extend({
          total: z.int().min(0).meta({ description: 'How many files the filter finds.' }),
        }),
      },
    },
    async handle({ query: asked, services }) {
      const [untilMs, offset] =
        asked.after === undefined ? [asked.until ?? services.nowMs() + 1, 0] : readCursor(asked.after, place)
      const page = await services.state.queryFiles({
        ...(asked.since === undefined ? {} : { sinceMs: asked.since }),
        untilMs,
        sources: asked.source,
        dataset: asked.dataset,
        folder: asked.folder,
        outcome: asked.outcome,
        repairedOnly: asked.repaired,
        imperfectOnly: asked.imperfect,
        search: asked.search,
        failedCheck: asked.check,
        run: asked.run,
        order: asked.order,
        limit: asked.limit,
        offset,
      })
      const end = offset + page.items.length
      const hasMore = page.items.length > 0 && end < page.total
      return {
        status: 200,
        body: {
          items: page.items.map((file) => toFile(file)),
          next: hasMore ? writeCursor([untilMs, end]) : null,
          total: page.total,
        },
      }
    },
  })
}

function getFile(): Route {
  return route({
    method: 'GET',
    path: '/api/v1/files/{id}',
    operationId: 'getFile',
    tag: 'Files',
    summary: 'One version of a file, with the history of its path and the reasons',
    scope: 'read',
    params: z.object({
      id: z.string().meta({ description: 'The id of the list, percent-encoded.', examples: ['orders%2Fa.csv%231'] }),
    }),
    replies: { 200: { description: 'The file.', schema: history } },
    problems: { 404: ['FILE_UNKNOWN'] },
    async handle({ params, services }) {
      const unknown = new RequestProblem(404, 'FILE_UNKNOWN', 'No version of a file of this id was judged.')
      const parts = /^([^/]+)\/(.+)#(\d{1,15})$/s.exec(params.id)
      if (parts === null) throw unknown
      const [, source = '', path = ''] = parts
      const versions = (await services.state.versionsOf(source, [path])).get(path) ?? []
      const file = versions.findLast(({ id }) => id === params.id)
      if (file === undefined) throw unknown
      const failures = (await services.state.listFailures({ source })).filter((one) => one.path === path)
      return {
        status: 200,
        body: {
          file: toFile(file),
          versions: versions.map((version) => toFile(version)),
          failures: failures.map(({ code, message, failedAtMs, attempts }) => ({
            code,
            message,
            failedAt: isoOf(failedAtMs),
            attempts,
          })),
        },
      }
    },
  })
}
