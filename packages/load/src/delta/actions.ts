/**
 * The actions of a Delta log, as far as an appending writer needs them. Names and meanings: the protocol of Delta Lake
 * (PROTOCOL.md, "Actions"). Fields that are not named here are kept where an action is written again, and ignored else.
 */
import { TidegateError } from '@tidegate/core'

export interface ProtocolAction {
  readonly minReaderVersion: number
  readonly minWriterVersion: number
  readonly readerFeatures?: readonly string[] | null | undefined
  readonly writerFeatures?: readonly string[] | null | undefined
}

export interface MetaDataAction {
  readonly id: string
  readonly name?: string | null | undefined
  readonly description?: string | null | undefined
  readonly format: { readonly provider: string; readonly options?: Readonly<Record<string, string>> | undefined }
  readonly schemaString: string
  readonly partitionColumns: readonly string[]
  /** Unix milliseconds. */
  readonly createdTime?: number | null | undefined
  readonly configuration: Readonly<Record<string, string>>
}

export interface AddAction {
  /** Relative to the table, URI-encoded; or an absolute URI. */
  readonly path: string
  readonly partitionValues: Readonly<Record<string, string | null>>
  readonly size: number
  /** Unix milliseconds. */
  readonly modificationTime: number
  readonly dataChange: boolean
  /** A JSON text. */
  readonly stats?: string | null | undefined
}

export interface RemoveAction {
  readonly path: string
}

export interface TxnAction {
  readonly appId: string
  readonly version: number
  /** Unix milliseconds. */
  readonly lastUpdated?: number | null | undefined
}

/** What one commit file holds. A commit is a set of actions: their order in the file says nothing. */
export interface DeltaCommit {
  readonly commitInfo?: Readonly<Record<string, unknown>> | undefined
  readonly protocol?: ProtocolAction | undefined
  readonly metaData?: MetaDataAction | undefined
  readonly txns: readonly TxnAction[]
  readonly adds: readonly AddAction[]
  readonly removes: readonly RemoveAction[]
}

/**
 * Reads the text of one commit file. Actions that are not needed (`cdc`, `domainMetadata`, unknown ones) are skipped, as
 * the protocol asks.
 *
 * @throws DELTA_LOG_CORRUPT for a line that is not an action, or an action without what it must have
 */
export function parseCommit(text: string, file: string): DeltaCommit {
  let commitInfo: DeltaCommit['commitInfo']
  let protocol: ProtocolAction | undefined
  let metaData: MetaDataAction | undefined
  const txns: TxnAction[] = []
  const adds: AddAction[] = []
  const removes: RemoveAction[] = []
  for (const [at, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const action = parseLine(line, file, at + 1)
    const place = `${file}, line ${at + 1}`
    if (isFields(action['commitInfo'])) commitInfo = action['commitInfo']
    if (isFields(action['protocol'])) protocol = protocolOf(action['protocol'], place)
    if (isFields(action['metaData'])) metaData = metaDataOf(action['metaData'], place)
    if (isFields(action['txn'])) txns.push(txnOf(action['txn'], place))
    if (isFields(action['add'])) adds.push(addOf(action['add'], place))
    if (isFields(action['remove'])) removes.push(removeOf(action['remove'], place))
  }
  return { commitInfo, protocol, metaData, txns, adds, removes }
}

/** One action per line. `commitInfo` comes first, where readers that look for it expect it. */
export function serializeCommit(commit: DeltaCommit): string {
  const lines: object[] = []
  if (commit.commitInfo !== undefined) lines.push({ commitInfo: commit.commitInfo })
  if (commit.protocol !== undefined) lines.push({ protocol: commit.protocol })
  if (commit.metaData !== undefined) lines.push({ metaData: commit.metaData })
  for (const txn of commit.txns) lines.push({ txn })
  for (const add of commit.adds) lines.push({ add })
  for (const remove of commit.removes) lines.push({ remove })
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('')
}

export function deltaCorrupt(place: string, because: string, cause?: unknown): TidegateError {
  return new TidegateError('DELTA_LOG_CORRUPT', `The Delta log is damaged: ${place}: ${because}.`, {
    hint: 'Restore the file from a backup of the table; never edit or renumber commits.',
    dataNow: 'Nothing was changed.',
    ...(cause === undefined ? {} : { cause }),
  })
}

export type Fields = Readonly<Record<string, unknown>>

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function protocolOf(fields: Fields, place: string): ProtocolAction {
  need(fields, place, 'protocol', { minReaderVersion: isCount, minWriterVersion: isCount })
  for (const key of ['readerFeatures', 'writerFeatures']) {
    const list = fields[key]
    if (list !== undefined && list !== null && !isTexts(list))
      throw deltaCorrupt(place, `${key} is not a list of texts`)
  }
  return fields as unknown as ProtocolAction
}

export function metaDataOf(fields: Fields, place: string): MetaDataAction {
  need(fields, place, 'metaData', {
    id: isText,
    schemaString: isText,
    partitionColumns: isTexts,
    format: (format) => isFields(format) && isText(format['provider']),
  })
  return { ...fields, configuration: fields['configuration'] ?? {} } as unknown as MetaDataAction
}

export function txnOf(fields: Fields, place: string): TxnAction {
  need(fields, place, 'txn', { appId: isText, version: (version) => typeof version === 'number' })
  return fields as unknown as TxnAction
}

function addOf(fields: Fields, place: string): AddAction {
  need(fields, place, 'add', { path: isText, size: isCount })
  return fields as unknown as AddAction
}

function removeOf(fields: Fields, place: string): RemoveAction {
  need(fields, place, 'remove', { path: isText })
  return fields as unknown as RemoveAction
}

function parseLine(line: string, file: string, number: number): Fields {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (error) {
    throw deltaCorrupt(`${file}, line ${number}`, 'it is not JSON', error)
  }
  if (!isFields(value)) throw deltaCorrupt(`${file}, line ${number}`, 'it is not a JSON object')
  return value
}

function need(
  fields: Fields,
  place: string,
  action: string,
  tests: Readonly<Record<string, (value: unknown) => boolean>>,
): void {
  for (const [key, test] of Object.entries(tests)) {
    if (!test(fields[key])) throw deltaCorrupt(place, `${action} has ${key} = ${JSON.stringify(fields[key])}`)
  }
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText)
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0
}
