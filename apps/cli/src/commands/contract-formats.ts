import { access, mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { parseYamlValue, readContract, readYamlValue, renderContract, renderYaml } from '@tidegate/config'
import { TidegateError, type Contract, type JsonValue } from '@tidegate/core'
import {
  importDbtSchema,
  importGxSuite,
  importOdcs,
  writeDbtSchema,
  writeGxSuite,
  writeOdcs,
  type FormatNote,
} from '@tidegate/dq'
import type { CommandContext } from '../context.ts'
import { emit, formatAmount, safeText } from '../render/index.ts'

export interface FormatArgs {
  readonly files?: readonly string[]
  readonly from?: string
  readonly to?: string
  readonly out?: string
  readonly model?: string
  readonly strict?: boolean
  readonly force?: boolean
}

/** `contract import FILE --from gx|dbt|odcs`: contracts from another format, and what of it has no equivalent. */
export async function importContracts(args: FormatArgs, context: CommandContext): Promise<number> {
  const [file, ...others] = args.files ?? []
  if (file === undefined || others.length > 0)
    throw new TidegateError('USAGE_PATH', 'contract import needs one file: tidegate contract import FILE --from gx')
  const { found, notes: fileNotes } = importedFrom(args.from, await valueIn(file, context))
  const chosen = args.model === undefined ? found : found.filter(({ name }) => isNamed(name, args.model ?? ''))
  if (args.model !== undefined && chosen.length === 0)
    throw new TidegateError('USAGE_VALUE', `there is no ${JSON.stringify(args.model)} in ${file}`, {
      hint: `There are: ${found.map(({ name }) => name).join(', ') || 'none'}.`,
    })
  const targets = args.out === undefined ? undefined : targetsOf(chosen, args.out, context)
  if (targets !== undefined) await writeAll(targets, args.force === true)
  const notes = [...fileNotes, ...chosen.flatMap((item) => item.notes)]
  emit(
    context.options.output,
    {
      schemaVersion: 1,
      kind: 'contract-import',
      items: chosen.map(({ name, contract, notes: own }, index) => ({
        name,
        contract,
        notes: own,
        ...(targets === undefined ? {} : { file: targets[index]?.shown }),
      })),
      notes: fileNotes,
    },
    () => {
      const [only] = chosen
      if (targets === undefined && chosen.length === 1 && only !== undefined)
        return renderContract(only.contract).trimEnd()
      return chosen
        .map(({ name, contract }, index) => [safeText(targets?.[index]?.shown ?? name), countsOf(contract)].join('  '))
        .join('\n')
    },
    context.stdout,
  )
  return finish(notes, args, context)
}

/** `contract export CONTRACT --to gx-1|gx-0.18|odcs|dbt`: a contract in another format, and what that cannot say. */
export async function exportContract(args: FormatArgs, context: CommandContext): Promise<number> {
  const [file, ...others] = args.files ?? []
  if (file === undefined || others.length > 0)
    throw new TidegateError('USAGE_PATH', 'contract export needs one contract: tidegate contract export FILE --to gx-1')
  const { value, text, notes } = exportedTo(args.to, await contractIn(file, context))
  const out = args.out === undefined ? undefined : path.resolve(context.options.directory, args.out)
  if (out !== undefined) await writeAll([{ file: out, shown: args.out ?? '', text }], args.force === true)
  emit(
    context.options.output,
    {
      schemaVersion: 1,
      kind: 'contract-export',
      to: args.to ?? null,
      ...(out === undefined ? { document: value } : { file: args.out }),
      notes,
    },
    () => (out === undefined ? text.trimEnd() : `${safeText(args.out ?? '')} written`),
    context.stdout,
  )
  return finish(notes, args, context)
}

interface Found {
  readonly name: string
  readonly contract: Contract
  readonly notes: readonly FormatNote[]
}

function importedFrom(
  format: string | undefined,
  value: JsonValue,
): { readonly found: readonly Found[]; readonly notes: readonly FormatNote[] } {
  switch (format) {
    case 'gx': {
      const { contract, notes } = importGxSuite(value)
      return { found: [{ name: contract.contract, contract, notes }], notes: [] }
    }
    case 'dbt': {
      const { contracts, notes } = importDbtSchema(value)
      return { found: contracts, notes }
    }
    case 'odcs': {
      const { contracts, notes } = importOdcs(value, { parseText })
      return { found: contracts, notes }
    }
    default:
      throw new TidegateError('USAGE_VALUE', 'contract import needs --from: gx, dbt or odcs')
  }
}

function parseText(text: string): JsonValue | undefined {
  const result = parseYamlValue(text, 'implementation')
  return result.kind === 'ok' ? result.value : undefined
}

interface Exported {
  readonly value: JsonValue
  readonly text: string
  readonly notes: readonly FormatNote[]
}

function exportedTo(format: string | undefined, contract: Contract): Exported {
  switch (format) {
    case 'gx-1':
    case 'gx-0.18': {
      const { suite, notes } = writeGxSuite(contract, format === 'gx-1' ? '1.x' : '0.18')
      return { value: suite, text: `${JSON.stringify(suite, undefined, 2)}\n`, notes }
    }
    case 'odcs': {
      const { document, notes } = writeOdcs(contract)
      return { value: document, text: renderYaml(document), notes }
    }
    case 'dbt': {
      const { schema, notes } = writeDbtSchema(contract)
      return { value: schema, text: renderYaml(schema), notes }
    }
    default:
      throw new TidegateError('USAGE_VALUE', 'contract export needs --to: gx-1, gx-0.18, odcs or dbt')
  }
}

/** `orders` also names the table `orders` of a source `shop`. */
function isNamed(name: string, wanted: string): boolean {
  return name === wanted || name.slice(name.indexOf('.') + 1) === wanted
}

interface Target {
  readonly file: string
  readonly shown: string
  readonly text: string
}

/** One file for one contract, or one per contract in a folder. */
function targetsOf(found: readonly Found[], out: string, { options }: CommandContext): readonly Target[] {
  const asFile = /\.(ya?ml|json)$/i.test(out)
  if (asFile && found.length !== 1)
    throw new TidegateError('USAGE_VALUE', `there are ${found.length} contracts for one file ${out}`, {
      hint: 'Name a folder with --out, or one of them with --model.',
    })
  return found.map(({ name, contract }) => {
    const shown = asFile ? out : path.join(out, `${fileName(name)}.yaml`)
    return { file: path.resolve(options.directory, shown), shown, text: renderContract(contract) }
  })
}

/** A name that is a file's name everywhere, and no path. */
function fileName(name: string): string {
  const plain = name
    .replaceAll(/[^\p{L}\p{N}._-]+/gu, '_')
    .replace(/^\.+/, '_')
    .slice(0, 150)
  return plain === '' ? 'contract' : plain
}

async function writeAll(targets: readonly Target[], force: boolean): Promise<void> {
  const files = new Set<string>()
  for (const { file, shown } of targets) {
    if (files.has(file.toLowerCase()))
      throw new TidegateError('USAGE_VALUE', `two contracts would be written to ${shown}`, {
        hint: 'Take one of them with --model.',
      })
    files.add(file.toLowerCase())
    if (!force && (await exists(file)))
      throw new TidegateError('USAGE_PATH', `${shown} is there already`, {
        hint: 'Name another --out, or overwrite it with --force.',
        dataNow: 'Nothing was written.',
      })
  }
  for (const { file, text } of targets) {
    await mkdir(path.dirname(file), { recursive: true })
    await writeFile(file, text)
  }
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  )
}

function countsOf(contract: Contract): string {
  return `${formatAmount(Object.keys(contract.schema.columns).length, 'column')}, ${formatAmount(contract.expectations.length, 'check')}`
}

/** Notes go to stderr, so that stdout is the file. */
function finish(notes: readonly FormatNote[], args: FormatArgs, { options }: CommandContext): number {
  const dropped = notes.filter((note) => note.kind === 'dropped').length
  if (options.output === 'table' && notes.length > 0) {
    const lines = notes.map(
      ({ kind, path: place, message }) => `${kind}  ${safeText(place)}${place === '' ? '' : ': '}${safeText(message)}`,
    )
    process.stderr.write(
      `${lines.join('\n')}\n${formatAmount(notes.length, 'note')}, ${dropped} of them without an equivalent\n`,
    )
  }
  return args.strict === true && dropped > 0 ? 3 : 0
}

async function valueIn(file: string, { options }: CommandContext): Promise<JsonValue> {
  const result = await readYamlValue(path.resolve(options.directory, file))
  if (result.kind === 'ok') return result.value
  if (result.kind === 'missing') throw new TidegateError('CONFIG_CONTRACT', `there is no file ${file}`)
  const places = result.problems.map(({ line, message }) => `${line === undefined ? '' : `line ${line}: `}${message}`)
  throw new TidegateError('CONFIG_CONTRACT', `${file}: ${places.join('; ')}`)
}

/** Reads a contract, or says why it is none. */
export async function contractIn(file: string, context: CommandContext): Promise<Contract> {
  const result = await readContract(path.resolve(context.options.directory, file))
  if (result.kind === 'ok') return result.contract
  if (result.kind === 'missing') throw new TidegateError('CONFIG_CONTRACT', `there is no file ${file}`)
  throw new TidegateError('CONFIG_CONTRACT', `${file}: ${result.problems.map((problem) => problem.message).join('; ')}`)
}
