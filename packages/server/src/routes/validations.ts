import { toJson, type CheckRecord } from '@tidegate/core'
import { withoutValues } from '@tidegate/monitor'
import { z } from 'zod'
import { includesScope } from '../access/token.ts'
import { route, type Route } from '../api/route.ts'
import { RequestProblem } from '../http/problem.ts'
import { readCursor, writeCursor } from './cursor.ts'
import { flag, instant, instantParameter, isoOf, PAGE_PARAMETERS, pageSchema } from './fields.ts'

const json = z.json()

const validation = z
  .object({
    run: z.string(),
    source: z.string(),
    dataset: z.string(),
    file: z.string().meta({ description: 'Id of the version of the file.' }),
    checkedAt: instant('When it was evaluated.'),
    check: z.string().meta({ description: 'Id of the check, unique in its contract.' }),
    type: z.string().meta({ examples: ['expect_column_values_to_be_between'] }),
    columns: z.array(z.string()),
    severity: z.enum(['critical', 'warning', 'info']),
    dimension: z.enum(['completeness', 'uniqueness', 'validity', 'consistency', 'freshness', 'volume', 'schema']),
    outcome: z
      .enum(['passed', 'failed', 'error'])
      .meta({ description: '`error`: it could not be evaluated, which is never a pass.' }),
    message: z.string(),
    elementCount: z.int().nullable(),
    missingCount: z.int().nullable(),
    unexpectedCount: z.int().nullable(),
    unexpectedPercent: z.number().nullable(),
    provedBy: z.enum(['scan', 'metadata', 'schema']),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    observedValue: json.meta({
      description: 'What a check of a whole column or table found. Null unless `values` asks.',
    }),
    unexpectedValues: z
      .array(json)
      .nullable()
      .meta({ description: 'The first that did not pass, in the order of the file. Null unless `values` asks.' }),
  })
  .meta({
    id: 'Validation',
    description:
      'The result of one check on one file. Values out of rows are in it only where `values` asks for them; those of sensitive columns are masked.',
  })

const query = z.object({
  ...PAGE_PARAMETERS,
  source: z.string().min(1).max(400).optional(),
  dataset: z.string().min(1).max(400).optional(),
  run: z.string().min(1).max(200).optional(),
  file: z.string().min(1).max(4000).optional().meta({ description: 'Id of a version of a file.' }),
  check: z.string().min(1).max(400).optional(),
  failed: flag('Only checks that failed or could not be evaluated.'),
  since: instantParameter('Evaluated at this time or later.'),
  values: flag('Also values that were read out of rows. Needs the scope `run`, as previews do.'),
})

const place = z.tuple([z.int(), z.string(), z.string(), z.string()])

export function validationRoutes(): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/validations',
      operationId: 'listValidations',
      tag: 'Validations',
      summary: 'Results of checks',
      scope: 'read',
      query,
      replies: { 200: { description: 'Newest first.', schema: pageSchema('ValidationPage', validation) } },
      async handle({ query: asked, actor, services }) {
        if (asked.values === true && !includesScope(actor.scope, 'run'))
          throw new RequestProblem(403, 'HTTP_SCOPE', `Values need the scope "run"; the token has "${actor.scope}".`)
        const [checkedAtMs, run, file, check] = asked.after === undefined ? [] : readCursor(asked.after, place)
        const found = await services.state.listChecks({
          source: asked.source,
          dataset: asked.dataset,
          run: asked.run,
          file: asked.file,
          check: asked.check,
          failedOnly: asked.failed,
          sinceMs: asked.since,
          limit: asked.limit + 1,
          ...(checkedAtMs === undefined || run === undefined || file === undefined || check === undefined
            ? {}
            : { after: { checkedAtMs, run, file, check } }),
        })
        const items = found.slice(0, asked.limit)
        const last = items.at(-1)
        const next =
          found.length > items.length && last !== undefined
            ? writeCursor([last.checkedAtMs, last.run, last.file, last.result.id])
            : null
        return {
          status: 200,
          body: { items: items.map((record) => toValidation(record, asked.values === true)), next },
        }
      },
    }),
  ]
}

function toValidation(record: CheckRecord, hasValues: boolean): z.output<typeof validation> {
  const { run, source, dataset, file, checkedAtMs, result } = hasValues ? record : withoutValues(record)
  return {
    run,
    source,
    dataset,
    file,
    checkedAt: isoOf(checkedAtMs),
    check: result.id,
    type: result.type,
    columns: [...result.columns],
    severity: result.severity,
    dimension: result.dimension,
    outcome: result.outcome,
    message: result.message,
    elementCount: result.elementCount ?? null,
    missingCount: result.missingCount ?? null,
    unexpectedCount: result.unexpectedCount ?? null,
    unexpectedPercent: result.unexpectedPercent ?? null,
    provedBy: result.provedBy,
    error: result.error === undefined ? null : { code: result.error.code, message: result.error.message },
    observedValue: result.observedValue === undefined ? null : (toJson(result.observedValue) as z.output<typeof json>),
    unexpectedValues: result.partialUnexpected?.map((value) => toJson(value) as z.output<typeof json>) ?? null,
  }
}
