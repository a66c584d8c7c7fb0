/**
 * What a run would take and what it would cost, of an ingestion or of an entry that nobody has made yet. Nothing is changed;
 * the work is done by the desk. What is answered of rows is masked where the contract says so.
 */
import { buildIngestion } from '@tidegate/config'
import type { JsonValue, ScheduleConfig } from '@tidegate/core'
import { z } from 'zod'
import { route, type Route } from '../api/route.ts'
import type { DeskQuestion, Services } from '../services.ts'
import { askDesk } from './ask-desk.ts'
import { countInstants } from '../scheduler/calendar.ts'
import { assertEntry } from './check-entry.ts'
import { invalidNow } from './drive-ingestions.ts'
import { count, maybe } from './fields.ts'
import { reasonSchema } from './file-view.ts'
import { findIngestion } from './find-ingestions.ts'
import { entrySchema } from './ingestion-view.ts'
import { ingestionParams } from './ingestions.ts'

const sizes = {
  files: z.int().min(0).max(20).default(3).meta({ description: 'How many files are read and judged; all are listed.' }),
  rows: z.int().min(0).max(200).default(20).meta({ description: 'First rows and failing rows of each.' }),
}
const draft = {
  id: z.string().min(1).max(200).default('draft').meta({ description: 'The name that it would have.' }),
  entry: entrySchema,
}

const testBody = z.strictObject(sizes).optional().meta({ id: 'TestRequest', description: 'How much is looked at.' })
const testDraft = z
  .strictObject({ ...draft, ...sizes })
  .meta({ id: 'TestDraft', description: 'An entry that nobody has made yet, and how much is looked at.' })
const estimateDraft = z
  .strictObject(draft)
  .meta({ id: 'EstimateDraft', description: 'An entry that nobody has made yet.' })

const preview = z
  .object({
    source: z.string(),
    filesSeen: count('Files that were listed.'),
    unchanged: count('Files that every target knows as they are.'),
    filesToDo: count('Files that a run would take now.'),
    bytesToDo: count('Their size.'),
    files: z
      .array(z.object({ path: z.string(), dataset: z.string(), bytes: z.number(), why: z.string() }))
      .meta({ description: 'At most 1,000 of `filesToDo`.' }),
    waiting: z
      .array(z.object({ path: z.string(), why: z.string() }))
      .meta({ description: 'Not taken yet; at most 1,000 of `waitingTotal`.' }),
    waitingTotal: count('How many wait.'),
    tooOld: count('Files that are older than `max_file_age`.'),
    judged: z.array(
      z.object({
        path: z.string(),
        dataset: z.string(),
        bytes: z.number(),
        rows: z.number(),
        columns: z.array(z.looseObject({ name: z.string(), type: z.string() })),
        verdict: z.enum(['admit', 'admit-with-warnings', 'split', 'hold', 'unreadable']),
        score: maybe(z.number()),
        reasons: z.array(reasonSchema),
        failed: z.array(z.json()).meta({ description: 'Results of checks that failed or could not be evaluated.' }),
        failingRows: z.array(z.json()),
        firstRows: z.array(z.json()),
      }),
    ),
  })
  .meta({
    id: 'Preview',
    description: 'What a run would take, what waits and why, and how the first files would fare.',
  })

const band = z
  .object({ low: z.number(), high: z.number() })
  .meta({ id: 'Band', description: 'From the least to the most.' })
const cost = z.object({ currency: z.string(), compute: band, storage: band, total: band })

const estimate = z
  .object({
    source: z.string(),
    filesSeen: count('Files that were listed.'),
    files: count('Of the next run.'),
    bytes: count('Of the next run.'),
    batches: count('Of the next run.'),
    run: z.object({
      runs: count('How many past runs it is based on; with 0 all else is null.'),
      durationMs: maybe(band),
      rows: maybe(band),
      bytesPerSecond: maybe(band),
      rowsPerSecond: maybe(band),
      peakMemoryBytes: maybe(band),
    }),
    requests: count('To the store, by the next run.'),
    perRun: maybe(cost).meta({ description: 'By the price table of the configuration. Null where no past run tells.' }),
    perMonth: maybe(cost.extend({ runs: z.number(), requests: z.number() })).meta({
      description: 'Of 30 days. Null without a schedule whose instants can be counted, or where no past run tells.',
    }),
  })
  .meta({ id: 'Estimate', description: 'What the next run and a month of them would take and cost.' })

export function previewRoutes(): Route[] {
  return [testIngestion(), testEntry(), estimateIngestion(), estimateEntry()]
}

const TESTED = { 200: { description: 'What a run would find.', schema: preview } }
const ESTIMATED = { 200: { description: 'By listing and history.', schema: estimate } }
/** What is wrong with the place or the contract; the code is the one that a run would end with. */
const REFUSED = ['SOURCE_UNREADABLE', 'CONTRACT_INVALID']
const BUSY = ['SERVER_DESK_BUSY', 'SERVER_DESK_TIMEOUT', 'SERVER_DESK_CRASHED', 'SERVER_DESK_CLOSED']

function testIngestion(): Route {
  return route({
    method: 'POST',
    path: '/api/v1/ingestions/{id}/test',
    operationId: 'testIngestion',
    tag: 'Ingestions',
    summary: 'Dry run: the files that a run would take, the first of them judged',
    scope: 'run',
    params: ingestionParams,
    body: testBody,
    replies: TESTED,
    problems: { 404: ['INGESTION_UNKNOWN'], 409: ['INGESTION_INVALID'], 422: REFUSED, 503: BUSY },
    async handle({ params: { id }, body, services, signal }) {
      const { source } = await findIngestion(services, id)
      if (source === undefined) throw invalidNow()
      const { files = 3, rows = 20 } = body ?? {}
      return {
        status: 200,
        body: preview.parse(await askDesk(services, { kind: 'preview', source: id, files, rows }, signal)),
      }
    },
  })
}

function testEntry(): Route {
  return route({
    method: 'POST',
    path: '/api/v1/ingestions/test',
    operationId: 'testIngestionEntry',
    tag: 'Ingestions',
    summary: 'The same of an entry before an ingestion is made of it',
    scope: 'write',
    body: testDraft,
    replies: TESTED,
    problems: { 422: ['INGESTION_INVALID', ...REFUSED], 503: BUSY },
    async handle({ body: { id, entry, files, rows }, services, signal }) {
      assertEntry(services, id, entry)
      const question: DeskQuestion = { kind: 'preview', source: id, entry, files, rows }
      return { status: 200, body: preview.parse(await askDesk(services, question, signal)) }
    },
  })
}

function estimateIngestion(): Route {
  return route({
    method: 'POST',
    path: '/api/v1/ingestions/{id}/estimate',
    operationId: 'estimateIngestion',
    tag: 'Ingestions',
    summary: 'What the next run and a month of them would take and cost',
    scope: 'run',
    params: ingestionParams,
    replies: ESTIMATED,
    problems: { 404: ['INGESTION_UNKNOWN'], 409: ['INGESTION_INVALID'], 422: REFUSED, 503: BUSY },
    async handle({ params: { id }, services, signal }) {
      const { source } = await findIngestion(services, id)
      if (source === undefined) throw invalidNow()
      const runsPerMonth = runsInMonth(source.schedule, services.nowMs())
      const answer = await askDesk(services, { kind: 'estimate', source: id, runsPerMonth }, signal)
      return { status: 200, body: estimate.parse(answer) }
    },
  })
}

function estimateEntry(): Route {
  return route({
    method: 'POST',
    path: '/api/v1/ingestions/estimate',
    operationId: 'estimateIngestionEntry',
    tag: 'Ingestions',
    summary: 'The same of an entry before an ingestion is made of it',
    scope: 'write',
    body: estimateDraft,
    replies: ESTIMATED,
    problems: { 422: ['INGESTION_INVALID', ...REFUSED], 503: BUSY },
    async handle({ body: { id, entry }, services, signal }) {
      assertEntry(services, id, entry)
      const runsPerMonth = runsInMonth(scheduleOf(services, id, entry), services.nowMs())
      const answer = await askDesk(services, { kind: 'estimate', source: id, entry, runsPerMonth }, signal)
      return { status: 200, body: estimate.parse(answer) }
    },
  })
}

const MONTH_MS = 30 * 86_400_000

/** When files will arrive nobody knows: looking costs little, and how often there is a run cannot be told. */
export function runsInMonth(schedule: ScheduleConfig | undefined, nowMs: number): number | undefined {
  if (schedule === undefined || schedule.trigger.kind === 'arrival') return undefined
  return countInstants(schedule.trigger, nowMs, nowMs + MONTH_MS)
}

function scheduleOf(
  services: Services,
  id: string,
  entry: Readonly<Record<string, JsonValue>>,
): ScheduleConfig | undefined {
  const built = buildIngestion(id, entry, services.config())
  return built.kind === 'ok' ? built.source.schedule : undefined
}
