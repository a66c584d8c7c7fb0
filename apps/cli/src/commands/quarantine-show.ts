import path from 'node:path'
import { TidegateError } from '@tidegate/core'
import { contractPath, filesOfRecord, type ListedRecord, type Project } from '@tidegate/project/open'
import { EXIT, type CommandContext } from '../context.ts'
import { openCliProject } from '../open.ts'
import { emit } from '../render/index.ts'
import { renderShown, type ShownRecord } from '../render/quarantine-show-view.ts'
import { chooseRecords, recordItem, type QuarantineArgs } from './quarantine-records.ts'

/** `quarantine show RECORD…`: why it is held, the checks that failed, for example which rows, and where all of it lies. */
export async function showRecords(args: QuarantineArgs, context: CommandContext): Promise<number> {
  const asked = args.records ?? []
  if (asked.length === 0) {
    throw new TidegateError('USAGE_RECORD', 'quarantine show needs a record or a file', {
      hint: 'tidegate quarantine ls shows them.',
    })
  }
  const project = await openCliProject(context, { what: 'quarantine show', readOnly: true })
  try {
    const records = await chooseRecords(project, asked, args.source, { closed: true, target: args.target })
    const items: ShownRecord[] = []
    for (const record of records) items.push(await describeRecord(project, record))
    emit(
      context.options.output,
      {
        schemaVersion: 1,
        kind: 'quarantine-show',
        items: items.map(({ record, ...rest }) => ({ ...recordItem(record), ...rest })),
      },
      () => items.map((item) => renderShown(item, context)).join('\n\n'),
      context.stdout,
    )
    return EXIT.ok
  } finally {
    await project.close()
  }
}

async function describeRecord(project: Project, record: ListedRecord): Promise<ShownRecord> {
  const source = project.config.sources.find((candidate) => candidate.name === record.source)
  const contractFile = source === undefined ? null : contractPath(source, record.dataset)
  const found =
    source === undefined || contractFile === null ? undefined : await project.effects.readContract(contractFile, source)
  const sensitive = new Set(
    found?.kind === 'ok'
      ? Object.entries(found.contract.schema.columns).flatMap(([name, column]) =>
          column.sensitive === undefined ? [] : [name.toLowerCase()],
        )
      : [],
  )
  const files = await filesOfRecord(project, record)
  const paper = readPaper(files.find(({ text }) => text !== null)?.text ?? null)
  return {
    record,
    files: files.map(({ file }) => file),
    checks: paper.checks.map(({ id, outcome, severity, message }) => ({ id, outcome, severity, message })),
    sampleRows: paper.sampleRows.map((row) => ({ ...row, values: withoutSensitive(row.values, sensitive) })),
    contract:
      found?.kind === 'ok' && contractFile !== null ? path.relative(project.config.directory, contractFile) : null,
  }
}

interface Paper {
  readonly checks: readonly ShownRecord['checks'][number][]
  readonly sampleRows: readonly ShownRecord['sampleRows'][number][]
}

/** People may have edited it. */
function readPaper(text: string | null): Paper {
  try {
    const paper = JSON.parse(text ?? '{}') as Partial<Paper>
    return {
      checks: Array.isArray(paper.checks) ? paper.checks : [],
      sampleRows: Array.isArray(paper.sampleRows) ? paper.sampleRows : [],
    }
  } catch {
    return { checks: [], sampleRows: [] }
  }
}

/** A column may have become sensitive after the paper was written. */
function withoutSensitive(
  values: Readonly<Record<string, unknown>>,
  sensitive: ReadonlySet<string>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !sensitive.has(name.toLowerCase())))
}
