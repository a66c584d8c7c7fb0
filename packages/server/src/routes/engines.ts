import { z } from 'zod'
import { route, type Route } from '../api/route.ts'
import { RequestProblem } from '../http/problem.ts'
import type { Services } from '../services.ts'

const engine = z
  .looseObject({ name: z.string(), kind: z.string() })
  .meta({ id: 'Engine', description: 'What rows are read and checked with.' })

const engines = z.object({ items: z.array(engine) }).meta({ id: 'EngineList', description: 'All engines.' })

const tested = z
  .looseObject({ ok: z.boolean() })
  .meta({ id: 'EngineTest', description: 'Whether it answers, and what it said.' })

/** `/clusters` is another name of the same. */
export function engineRoutes(): Route[] {
  return (['engines', 'clusters'] as const).flatMap((noun) => [listEngines(noun), testEngine(noun)])
}

function listEngines(noun: 'engines' | 'clusters'): Route {
  return route({
    method: 'GET',
    path: `/api/v1/${noun}`,
    operationId: noun === 'engines' ? 'listEngines' : 'listClusters',
    tag: 'Engines',
    summary: noun === 'engines' ? 'Engines that the project has' : 'Another name of `/engines`',
    scope: 'read',
    replies: { 200: { description: 'The engines.', schema: engines } },
    async handle({ services, signal }) {
      return { status: 200, body: { items: await askEngines(services, signal) } }
    },
  })
}

function testEngine(noun: 'engines' | 'clusters'): Route {
  return route({
    method: 'POST',
    path: `/api/v1/${noun}/{name}/test`,
    operationId: noun === 'engines' ? 'testEngine' : 'testCluster',
    tag: 'Engines',
    summary:
      noun === 'engines' ? 'Starts an engine and asks it something small' : 'Another name of `/engines/{name}/test`',
    scope: 'run',
    params: z.object({ name: z.string().min(1).max(200) }),
    replies: { 200: { description: 'What came of it; an engine that fails is an answer, too.', schema: tested } },
    problems: { 404: ['ENGINE_UNKNOWN'] },
    async handle({ params: { name }, services, signal }) {
      const known = await askEngines(services, signal)
      if (!known.some((one) => one.name === name))
        throw new RequestProblem(404, 'ENGINE_UNKNOWN', 'There is no engine of this name.')
      return { status: 200, body: tested.parse(await services.desk.ask({ kind: 'test-engine', engine: name }, signal)) }
    },
  })
}

async function askEngines({ desk }: Services, signal: AbortSignal | undefined): Promise<z.output<typeof engine>[]> {
  const answer = await desk.ask({ kind: 'engines' }, signal)
  return engines.parse(Array.isArray(answer) ? { items: answer } : answer).items
}
