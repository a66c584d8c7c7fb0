import { buildIngestion, type IngestionEntry } from '@tidegate/config'
import { TidegateError, type SourceConfig } from '@tidegate/core'
import {
  estimateSource,
  hasWork,
  previewSource,
  readEngines,
  selectSources,
  testEngine,
  type Project,
} from '@tidegate/project'
import { openPlace } from '../runs/carry-out.ts'
import type { DeskQuestion } from '../services.ts'
import type { ToDesk } from './desk-protocol.ts'

/** Opens the project anew for each question: it may have changed since the last one, and the modules are loaded. */
export async function answerQuestion({ place, memoryParts, question }: ToDesk): Promise<unknown> {
  const draft = draftOf(question)
  const what = `tidegate serve, ${question.kind}`
  const project = await openPlace({ ...place, memoryParts, what, readOnly: true, draft })
  try {
    return await answer(question, project)
  } finally {
    await project.close()
  }
}

async function answer(question: DeskQuestion, project: Project): Promise<unknown> {
  switch (question.kind) {
    case 'preview':
      return previewSource(project, sourceOf(question, project), { files: question.files, rows: question.rows })
    case 'estimate': {
      const { runsPerMonth } = question
      return estimateSource(project, sourceOf(question, project), { prices: project.config.prices, runsPerMonth })
    }
    case 'look':
      return hasWork(project, sourceOf(question, project))
    case 'engines':
      return readEngines(project.config)
    case 'test-engine':
      return testEngine(project.config, question.engine)
  }
}

function draftOf(question: DeskQuestion): { readonly id: string; readonly entry: IngestionEntry } | undefined {
  if (!('entry' in question) || question.entry === undefined) return undefined
  const { entry } = question
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry))
    throw new TidegateError('INGESTION_INVALID', 'an ingestion is a map of settings')
  return { id: question.source, entry: entry as IngestionEntry }
}

function sourceOf(question: Extract<DeskQuestion, { source: string }>, project: Project): SourceConfig {
  const draft = draftOf(question)
  if (draft !== undefined) {
    // The project left it out where it has problems; here they are said.
    const built = buildIngestion(draft.id, draft.entry, project.config)
    if (built.kind === 'ok') return built.source
    const first = built.problems.find(({ severity }) => severity === 'error')
    throw new TidegateError('INGESTION_INVALID', first?.message ?? 'the ingestion has problems', {
      ...(first?.hint === undefined ? {} : { hint: first.hint }),
      dataNow: 'Nothing was read or changed.',
    })
  }
  const [source] = selectSources(project.config, [question.source])
  if (source === undefined) throw new Error('one source was asked for')
  return source
}
