/** How often a file without footer is taken for a file of another table. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import type { Session } from '@tidegate/core'

import { leafMeanings } from '../assemble/leaf-meaning.ts'
import { schemaFromFooter, type SchemaSource } from '../assemble/schema-sources.ts'
import { assessSchema } from '../repair/lost-footer/assess-schema.ts'
import { bytesSource } from './byte-source.ts'
import { seededRandom, type SeededRandom } from './seeded-random.ts'

/**
 * `other`: the columns differ in physical type, nesting or number. `same-width`: they differ only in what numbers of one width
 * mean; a float is told from an integer by its values, a date from a small integer only where the ranges are far apart. `alike`: nothing but names differs, which no reader of pages can see. `right`: two files of
 * one table.
 */
export type PairKind = 'other' | 'same-width' | 'alike' | 'right'

export interface PairCount {
  readonly kind: PairKind
  /** Columns of the schema that is tried. */
  readonly leaves: '1-3' | '4+'
  readonly pairs: number
  /** Taken as `strong` or better. */
  readonly strong: number
  /** Some rows fit, however weakly. */
  readonly weak: number
  readonly examples: readonly string[]
}

interface Table {
  readonly name: string
  readonly columns: readonly string[]
  readonly file: Buffer
  readonly schema: SchemaSource
  readonly otherSchema: SchemaSource
}

export interface WrongSiblingOptions {
  readonly session: Session
  readonly folder: string
  readonly tables: number
  readonly seed: number
}

/** Writes random tables, two files of each, and reads one of each with the schemas of all others: tables² pairs. */
export async function measureWrongSiblings(options: WrongSiblingOptions): Promise<readonly PairCount[]> {
  const { session, folder, seed } = options
  const random = seededRandom('wrong siblings', seed)
  const tables: Table[] = []
  for (let index = 0; index < options.tables; index++) {
    const last = tables.at(-1)?.columns
    // Each third is a twin of the one before: other types of the same widths; each fourth has its columns in another order.
    const columns =
      last === undefined || (index % 3 > 0 && index % 4 > 0)
        ? randomColumns(random)
        : index % 3 === 0
          ? last.map((kind) => random.pick(TWINS.find((twins) => twins.includes(kind)) ?? [kind]) ?? kind)
          : shuffled(last, random)
    tables.push(await writeTable(session, folder, random, { columns, name: `table ${index}` }))
  }
  const counts = new Map<string, PairCount>()
  for (const table of tables) {
    const end = footerStart(table.file)
    // Whole, or cut somewhere in its second half.
    const cut = table.file.subarray(
      0,
      random.below(2) === 0 ? end : Math.floor(end / 2) + random.below(Math.ceil(end / 2)),
    )
    for (const other of tables) {
      const schema = other === table ? table.otherSchema : other.schema
      const kind = other === table ? 'right' : kindOf(table.schema, schema)
      const { plan } = await assessSchema(bytesSource(cut), { schema, name: other.name }, { minConfidence: 'weak' })
      // A right sibling has nothing to give back where no row group is complete.
      if (kind === 'right' && plan.groups.length === 0) continue
      const leaves = schema.leaves.length < 4 ? '1-3' : '4+'
      const key = `${kind} ${leaves}`
      const known = counts.get(key) ?? { kind, leaves, pairs: 0, strong: 0, weak: 0, examples: [] }
      const isStrong = plan.kind === 'salvage' && (plan.confidence === 'strong' || plan.confidence === 'proven')
      const isExample = kind === 'right' ? !isStrong : isStrong
      counts.set(key, {
        ...known,
        pairs: known.pairs + 1,
        strong: known.strong + (isStrong ? 1 : 0),
        weak: known.weak + (plan.rows.recovered > 0 ? 1 : 0),
        examples:
          isExample && known.examples.length < 20
            ? [...known.examples, `${table.columns.join()} as ${other.columns.join()}: ${plan.doubts.join('; ')}`]
            : known.examples,
      })
    }
  }
  return [...counts.values()].toSorted((left, right) => (left.kind + left.leaves < right.kind + right.leaves ? -1 : 1))
}

/** `s`: another number for each file of a table. */
const COLUMNS: Readonly<Record<string, (s: number) => string>> = {
  int: (s) => `((i + ${s}) % 90001)::INTEGER`,
  id: (s) => `(i + ${s})::BIGINT`,
  big: (s) => `(hash(i + ${s}) % 1000000007)::BIGINT`,
  double: (s) => `sin(i + ${s}) * 1000`,
  float: (s) => `(cos(i + ${s}) * 90)::FLOAT`,
  time: (s) => `TIMESTAMP '2024-01-01' + to_seconds(i * 7 + ${s})`,
  date: (s) => `DATE '2023-05-01' + (hash(i + ${s}) % 900)::INTEGER`,
  money: (s) => `((hash(i + ${s}) % 9999999)::DECIMAL(18, 2) / 100)::DECIMAL(18, 2)`,
  price: (s) => `((hash(i + ${s}) % 99999)::DECIMAL(9, 2) / 100)::DECIMAL(9, 2)`,
  short: (s) => `(hash(i + ${s}) % 30000)::SMALLINT`,
  text: (s) => `md5((i + ${s})::VARCHAR)`,
  word: (s) => `'word ' || (hash(i + ${s}) % 40)`,
  flag: (s) => `hash(i + ${s}) % 3 = 0`,
  some: (s) => `CASE WHEN hash(i + ${s}) % 4 > 0 THEN (i % 5000)::INTEGER END`,
  list: (s) => `[i::INTEGER, ((i + ${s}) % 5)::INTEGER]`,
  pair: (s) => `{'a': (i % 700)::INTEGER, 'b': sin(i + ${s})}`,
  code: (s) => `(hash(i + ${s}))::VARCHAR::BLOB`,
}

/** Kinds that no reader of pages can tell apart by their size. */
const TWINS: readonly (readonly string[])[] = [
  ['int', 'float', 'date', 'price', 'some'],
  ['id', 'big', 'double', 'time', 'money'],
  ['text', 'word', 'code'],
]

function randomColumns(random: SeededRandom): readonly string[] {
  const kinds = Object.keys(COLUMNS)
  const width = 1 + random.below(3) * random.below(2) + random.below(8)
  return Array.from({ length: width }, () => random.pick(kinds) ?? 'int')
}

function shuffled(columns: readonly string[], random: SeededRandom): readonly string[] {
  return columns
    .map((kind) => ({ kind, place: random.next() }))
    .toSorted((left, right) => left.place - right.place)
    .map(({ kind }) => kind)
}

async function writeTable(
  session: Session,
  folder: string,
  random: SeededRandom,
  { columns, name }: { readonly columns: readonly string[]; readonly name: string },
): Promise<Table> {
  const codec = random.pick(['snappy', 'snappy', 'zstd', 'uncompressed']) ?? 'snappy'
  const version = random.pick(['V1', 'V2']) ?? 'V1'
  const write = async (part: string): Promise<Buffer> => {
    const seed = random.below(1_000_000)
    const select = columns.map((kind, at) => `${COLUMNS[kind]?.(seed + at)} AS c${at}`).join(', ')
    const path = join(folder, `table-${part}.parquet`)
    await session.query(
      `COPY (SELECT ${select} FROM range(${2100 + random.below(6000)}) t(i)) TO ${session.dialect.literal(path)} (FORMAT parquet, ROW_GROUP_SIZE 2048, CODEC '${codec}', PARQUET_VERSION '${version}')`,
    )
    return readFileSync(path)
  }
  const [file, sibling] = [await write('a'), await write('b')]
  return { name, columns, file, schema: schemaOf(file), otherSchema: schemaOf(sibling) }
}

function schemaOf(bytes: Buffer): SchemaSource {
  const schema = schemaFromFooter(bytes.subarray(footerStart(bytes), -8), 'sibling')
  if (schema === undefined) throw new Error('the file has no schema')
  return schema
}

function footerStart(bytes: Buffer): number {
  return bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8)
}

function kindOf(own: SchemaSource, other: SchemaSource): PairKind {
  if (shapeOf(own) !== shapeOf(other)) return 'other'
  return JSON.stringify(leafMeanings(own.elements)) === JSON.stringify(leafMeanings(other.elements)) &&
    own.leaves.every(({ text }, leaf) => text === other.leaves[leaf]?.text)
    ? 'alike'
    : 'same-width'
}

/** What pages show of a column: the width of its values and its levels. */
function shapeOf({ leaves }: SchemaSource): string {
  return leaves
    .map(({ physicalType, typeLength, maxDefinitionLevel, maxRepetitionLevel }) =>
      [WIDTHS[physicalType], typeLength, maxDefinitionLevel, maxRepetitionLevel].join('/'),
    )
    .join()
}

const WIDTHS = ['bit', 4, 8, 12, 4, 8, 'bytes', 'fixed'] as const
