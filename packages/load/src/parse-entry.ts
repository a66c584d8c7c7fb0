import { TidegateError, type LedgerEntry } from '@tidegate/core'
import { stagedPathProblem, visiblePathProblem } from './layout.ts'

/**
 * Reads one entry file's text. Strict about what recovery relies on, silent about fields it does not know.
 *
 * @throws LEDGER_NEWER for a format this version cannot read, LEDGER_CORRUPT for anything broken
 */
export function parseEntry(text: string, file: string, seq: number): LedgerEntry {
  const entry = parseObject(text, file)
  const { format } = entry
  if (format !== 1) {
    if (typeof format === 'number' && format > 1) throw newer(file, format)
    throw corrupt(file, `its format is ${JSON.stringify(format)}`)
  }
  const problem = entryProblem(entry, seq)
  if (problem !== undefined) throw corrupt(file, problem)
  return entry as unknown as LedgerEntry
}

export function corrupt(file: string, because: string, cause?: unknown): TidegateError {
  return new TidegateError('LEDGER_CORRUPT', `The commit log is damaged: ${file}: ${because}.`, {
    hint: 'Restore this file from a backup of the target; never renumber or edit entries. Nothing is loaded until then.',
    dataNow: 'The visible data is untouched.',
    ...(cause === undefined ? {} : { cause }),
  })
}

type Fields = Readonly<Record<string, unknown>>

function newer(file: string, format: number): TidegateError {
  return new TidegateError('LEDGER_NEWER', `${file} has format ${format}; this version reads format 1.`, {
    hint: 'A newer Tidegate wrote to this target; upgrade this one.',
    dataNow: 'Nothing was changed.',
  })
}

function parseObject(text: string, file: string): Fields {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw corrupt(file, 'it is not JSON', error)
  }
  if (!isFields(value)) throw corrupt(file, 'it is not a JSON object')
  return value
}

function entryProblem(entry: Fields, seq: number): string | undefined {
  if (entry['seq'] !== seq) return `it says it is entry ${JSON.stringify(entry['seq'])}`
  return (
    fieldsProblem(entry, {
      string: ['batch', 'run', 'source', 'dataset', 'committedAt'],
      number: ['attempt', 'fence'],
    }) ??
    textsProblem(entry, ['remove', 'consumes']) ??
    schemaProblem(entry['schema']) ??
    eachProblem(entry, 'files', fileProblem) ??
    eachProblem(entry, 'add', partProblem) ??
    eachProblem(entry, 'rejected', rejectedProblem) ??
    ifThere(entry, 'superseded', fileRowsProblem) ??
    ifThere(entry, 'replays', replayProblem)
  )
}

function schemaProblem(schema: unknown): string | undefined {
  if (!isFields(schema)) return 'schema is not an object'
  if (typeof schema['id'] !== 'string') return 'the schema has no id'
  return eachProblem(schema, 'columns', (column) => fieldsProblem(column, { string: ['name', 'type'], number: [] }))
}

function fileProblem(file: Fields): string | undefined {
  if (!['loaded', 'held', 'skipped'].includes(String(file['outcome']))) {
    return `a file has outcome ${JSON.stringify(file['outcome'])}`
  }
  return fieldsProblem(file, {
    string: ['id', 'path', 'uri', 'stamp', 'hash', 'verdict'],
    number: ['ordinal', 'bytes', 'rowsRead', 'rowsLoaded', 'rowsRejected', 'rowsDropped'],
  })
}

function partProblem(part: Fields): string | undefined {
  return (
    namedProblem(part) ??
    textsProblem(part, ['files']) ??
    ifThere(part, 'ranges', fileRowsProblem) ??
    partitionProblem(part['partition'])
  )
}

function partitionProblem(partition: unknown): string | undefined {
  if (partition === undefined) return undefined
  const sound =
    isFields(partition) && Object.values(partition).every((value) => value === null || typeof value === 'string')
  return sound ? undefined : 'a partition holds something that is neither a text nor null'
}

function fileRowsProblem(fileRows: Fields): string | undefined {
  return fieldsProblem(fileRows, { string: ['file'], number: ['rows'] })
}

function replayProblem(replay: Fields): string | undefined {
  return fieldsProblem(replay, {
    string: ['record', 'file', 'action'],
    number: ['rowsRead', 'rowsLoaded', 'rowsRejected', 'rowsDropped', 'rowsDiscarded'],
  })
}

function rejectedProblem(part: Fields): string | undefined {
  return namedProblem(part) ?? fieldsProblem(part, { string: ['file', 'kind'], number: [] })
}

function namedProblem(part: Fields): string | undefined {
  const problem = fieldsProblem(part, { string: ['staged', 'visible', 'hash'], number: ['bytes', 'rows'] })
  if (problem !== undefined) return problem
  const staged = stagedPathProblem(String(part['staged']))
  if (staged !== undefined) return `the staged path ${JSON.stringify(part['staged'])} ${staged}`
  const visible = visiblePathProblem(String(part['visible']))
  return visible === undefined ? undefined : `the visible path ${JSON.stringify(part['visible'])} ${visible}`
}

function ifThere(entry: Fields, key: string, problemOf: (item: Fields) => string | undefined): string | undefined {
  return entry[key] === undefined ? undefined : eachProblem(entry, key, problemOf)
}

function eachProblem(entry: Fields, key: string, problemOf: (item: Fields) => string | undefined): string | undefined {
  const items = entry[key]
  if (!Array.isArray(items)) return `${key} is not a list`
  for (const item of items as readonly unknown[]) {
    const problem = isFields(item) ? problemOf(item) : `${key} holds something that is not an object`
    if (problem !== undefined) return problem
  }
  return undefined
}

function fieldsProblem(
  fields: Fields,
  expected: { readonly string: readonly string[]; readonly number: readonly string[] },
): string | undefined {
  const noText = expected.string.find((key) => typeof fields[key] !== 'string')
  if (noText !== undefined) return `${noText} is not a text`
  const noNumber = expected.number.find((key) => !Number.isSafeInteger(fields[key]))
  return noNumber === undefined ? undefined : `${noNumber} is not a whole number`
}

function textsProblem(fields: Fields, keys: readonly string[]): string | undefined {
  const key = keys.find((key) => {
    const value = fields[key]
    return !Array.isArray(value) || value.some((item) => typeof item !== 'string')
  })
  return key === undefined ? undefined : `${key} is not a list of texts`
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
