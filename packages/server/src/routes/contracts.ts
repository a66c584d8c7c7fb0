/** Contracts of the datasets that are known. Read-only: a contract changes where it stands, under version control. */
import { readFile } from 'node:fs/promises'
import { leavesSandbox, readContract } from '@tidegate/config'
import { toJson, type Contract, type ContractVersion, type SourceConfig } from '@tidegate/core'
import { fillPath } from '@tidegate/pipeline/names'
import { z } from 'zod'
import { route, type Route } from '../api/route.ts'
import { RequestProblem } from '../http/problem.ts'
import type { Services } from '../services.ts'
import { pageOfWhole } from './cursor.ts'
import { instant, isoOf, maybe, PAGE_PARAMETERS, pageSchema } from './fields.ts'
import { shortPath } from './ingestion-view.ts'

const version = z.object({
  id: z.string().meta({ description: 'SHA-256 of its canonical text.' }),
  version: z.number().meta({ description: 'What it says of itself.' }),
  firstUsedAt: instant('When a run used it first after another one.'),
  run: z.string(),
  columns: z.int().min(0),
  checks: z.int().min(0),
})

const contract = z
  .object({
    source: z.string(),
    dataset: z.string(),
    file: z.string().meta({ description: 'Below the project’s folder.' }),
    inUse: maybe(version).meta({ description: 'The newest that a run used; null before the first.' }),
  })
  .meta({ id: 'ContractSummary', description: 'What a dataset has to be like, and where that is written.' })

const detail = contract
  .extend({
    state: z.enum(['ok', 'missing', 'problems']),
    problems: z.array(z.string()),
    contract: maybe(z.record(z.string(), z.json())).meta({ description: 'The contract as JSON.' }),
    history: z.array(version).meta({ description: 'Newest first.' }),
  })
  .meta({ id: 'ContractDetail', description: 'A contract with its history.' })

const params = z.object({ source: z.string().min(1).max(400), dataset: z.string().min(1).max(400) })

export function contractRoutes(): Route[] {
  return [listContracts(), getContract(), getContractYaml()]
}

function listContracts(): Route {
  return route({
    method: 'GET',
    path: '/api/v1/contracts',
    operationId: 'listContracts',
    tag: 'Contracts',
    summary: 'Contracts of all datasets that are known',
    scope: 'read',
    query: z.object({ ...PAGE_PARAMETERS, source: z.string().min(1).max(400).optional() }),
    replies: { 200: { description: 'By source and dataset.', schema: pageSchema('ContractPage', contract) } },
    async handle({ query, services }) {
      const known = await findContracts(services, query.source)
      const page = pageOfWhole(known, query, (one) => JSON.stringify([one.source.name, one.dataset]))
      return { status: 200, body: { items: page.items.map((one) => toSummary(one, services)), next: page.next } }
    },
  })
}

function getContract(): Route {
  return route({
    method: 'GET',
    path: '/api/v1/contracts/{source}/{dataset}',
    operationId: 'getContract',
    tag: 'Contracts',
    summary: 'One contract as JSON, with its history',
    scope: 'read',
    params,
    replies: { 200: { description: 'The contract as its file says it now.', schema: detail } },
    problems: { 404: ['CONTRACT_UNKNOWN'] },
    async handle({ params: asked, services }) {
      const known = await findContract(services, asked)
      const read = isReadable(known, services) ? await readContract(known.file) : { kind: 'missing' as const }
      return {
        status: 200,
        body: {
          ...toSummary(known, services),
          state: read.kind,
          problems: read.kind === 'problems' ? read.problems.map(({ code, message }) => `${code}: ${message}`) : [],
          contract: read.kind === 'ok' ? asJson(read.contract) : null,
          history: known.versions.toReversed().map((one) => toVersion(one)),
        },
      }
    },
  })
}

function getContractYaml(): Route {
  return route({
    method: 'GET',
    path: '/api/v1/contracts/{source}/{dataset}/yaml',
    operationId: 'getContractYaml',
    tag: 'Contracts',
    summary: 'The file of a contract as it is',
    scope: 'read',
    params,
    replies: { 200: { description: 'The file.', schema: z.string(), type: 'application/yaml' } },
    problems: { 404: ['CONTRACT_UNKNOWN', 'CONTRACT_NOT_FOUND'] },
    async handle({ params: asked, services }) {
      const known = await findContract(services, asked)
      const { file } = known
      try {
        if (!isReadable(known, services)) throw new Error('it lies outside')
        const text = await readFile(file, 'utf8')
        return { status: 200, text, headers: { 'content-type': 'application/yaml; charset=utf-8' } }
      } catch {
        throw new RequestProblem(404, 'CONTRACT_NOT_FOUND', 'The dataset has no contract file.')
      }
    },
  })
}

interface KnownContract {
  readonly source: SourceConfig
  readonly dataset: string
  readonly file: string
  /** Oldest first. */
  readonly versions: readonly ContractVersion[]
}

/** Datasets with a history, and those whose name is that of the source. What a caller names is looked up among them. */
async function findContracts(services: Services, source: string | undefined): Promise<readonly KnownContract[]> {
  const { state } = services
  const sources = services.config().sources.filter(({ name }) => source === undefined || name === source)
  const window = { sinceMs: 0, untilMs: Number.MAX_SAFE_INTEGER, sources: sources.map(({ name }) => name) }
  const versions = await state.contractVersions(window)
  const found: KnownContract[] = []
  for (const one of sources) {
    const own = versions.filter((each) => each.source === one.name)
    const datasets = new Set([
      ...(one.dataset === '{source}' ? [one.name] : []),
      ...own.map(({ dataset }) => dataset),
      ...(await state.knownDatasets(one.name)).map(({ dataset }) => dataset),
    ])
    for (const dataset of [...datasets].toSorted())
      found.push({
        source: one,
        dataset,
        file: fillPath(one.contract, one.name, dataset),
        versions: own.filter((each) => each.dataset === dataset),
      })
  }
  return found.toSorted((a, b) => (a.source.name < b.source.name ? -1 : a.source.name > b.source.name ? 1 : 0))
}

async function findContract(services: Services, asked: z.output<typeof params>): Promise<KnownContract> {
  const found = (await findContracts(services, asked.source)).find(({ dataset }) => dataset === asked.dataset)
  if (found !== undefined) return found
  throw new RequestProblem(404, 'CONTRACT_UNKNOWN', 'There is no such dataset of such an ingestion.')
}

/** Not what a link leads to from inside of the folders of the API. */
function isReadable({ source, file }: KnownContract, services: Services): boolean {
  return leavesSandbox(source.origin, file, services.config()) === undefined
}

function toSummary({ source, dataset, file, versions }: KnownContract, services: Services): z.output<typeof contract> {
  const last = versions.at(-1)
  return {
    source: source.name,
    dataset,
    file: shortPath(services.config().directory, file),
    inUse: last === undefined ? null : toVersion(last),
  }
}

function toVersion(one: ContractVersion): z.output<typeof version> {
  return {
    id: one.id,
    version: one.version,
    firstUsedAt: isoOf(one.firstUsedMs),
    run: one.run,
    columns: one.columns.length,
    checks: one.checks.length,
  }
}

function asJson(found: Contract): z.output<typeof detail>['contract'] {
  return toJson(found) as z.output<typeof detail>['contract']
}
