import {
  codeOf,
  messageOf,
  type ColumnSchema,
  type SourceConfig,
  type TargetConfig,
  type TidegateError,
} from '@tidegate/core'
import { checkPostgresTarget, parseTableName } from '@tidegate/load'
import { fillPath } from '@tidegate/pipeline'
import type { Probe } from './diagnose-machine.ts'
import { contractPath, readContractFile, type Project } from './open-project.ts'

/** What would stop the first batch into a database: no connection, no right, another kind of column. Changes nothing. */
export async function probeDatabases(project: Project, source: SourceConfig): Promise<readonly Probe[]> {
  const probes: Probe[] = []
  for (const target of source.targets) {
    if (target.kind !== 'postgres' && target.kind !== 'duckdb') continue
    const what =
      source.targets.length === 1 ? `database of ${source.name}` : `database ${target.name} of ${source.name}`
    const asked = new Set<string>()
    for (const dataset of await datasetsOf(project, source, target)) {
      const place = fillPath(target.path, source.name, dataset)
      const table = fillPath(target.table, source.name, dataset)
      if (asked.has(`${place}\0${table}`)) continue
      asked.add(`${place}\0${table}`)
      const columns = await columnsOf(source, dataset)
      const problems =
        target.kind === 'postgres'
          ? await checkPostgresTarget({ url: place, table: parseTableName(table) }, columns)
          : await openable({ ...source, target }, dataset, project)
      probes.push(...problems.map((problem) => badProbe(what, table, problem)))
      if (problems.length === 0) probes.push({ what, outcome: 'ok', found: `table ${table}: can be read and written` })
    }
  }
  return probes
}

/** A dataset that nobody has seen yet has no table; a name without `{dataset}` can be asked for all the same. */
async function datasetsOf({ state }: Project, source: SourceConfig, target: TargetConfig): Promise<readonly string[]> {
  const known = new Set((await state.knownDatasets(source.name)).map(({ dataset }) => dataset))
  if (known.size > 0) return [...known]
  const isFixed = ![target.path, target.table].some((template) => template.includes('{dataset}'))
  return isFixed || !/[{}]/.test(source.dataset.replaceAll('{source}', ''))
    ? [source.dataset.replaceAll('{source}', source.name)]
    : []
}

async function columnsOf(source: SourceConfig, dataset: string): Promise<readonly ColumnSchema[]> {
  const read = await readContractFile(contractPath(source, dataset))
  if (read.kind !== 'ok') return []
  return Object.entries(read.contract.schema.columns).map(([name, { type }]) => ({ name, type }))
}

/** That the file is a database that this engine reads, and that no other process has it open. */
async function openable(source: SourceConfig, dataset: string, project: Project): Promise<readonly unknown[]> {
  try {
    const destination = await project.effects.openDestination(source, dataset, { onMissing: 'report' })
    try {
      for await (const _ of destination.tail(0)) break
      return []
    } finally {
      await destination.close()
    }
  } catch (error) {
    return [error]
  }
}

function badProbe(what: string, table: string, problem: unknown): Probe {
  const { hint } = problem as Partial<TidegateError>
  return { what, outcome: 'bad', found: `table ${table}: ${codeOf(problem) ?? ''} ${messageOf(problem)}`, fix: hint }
}
