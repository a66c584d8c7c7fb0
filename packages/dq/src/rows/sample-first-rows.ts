import type { Cell, ColumnSchema, Contract, Relation, Session } from '@tidegate/core'
import { sensitiveColumns } from '../compile/compile-contract.ts'
import type { SensitiveColumns } from '../compile/compiled-contract.ts'
import { maskRecord } from '../evaluate/mask.ts'
import { columnFamily } from '../profile/column-family.ts'
import { sensitiveWord } from '../profile/sensitive-name.ts'
import { looksPersonal } from '../profile/text-class.ts'

export interface SampledRow {
  /** 0-based place in its file. */
  readonly row: number
  readonly values: Readonly<Record<string, Cell>>
}

/**
 * The first rows of a relation of one file, in the file's order. Sensitive columns are masked, hashed or left out as the
 * contract says; of columns that no contract describes, those are masked whose name or values speak of a person.
 */
export async function sampleFirstRows(
  session: Session,
  relation: Relation,
  options: {
    readonly limit: number
    readonly contract: Pick<Contract, 'schema'> | undefined
    readonly signal?: AbortSignal | undefined
  },
): Promise<readonly SampledRow[]> {
  const limit = Math.max(0, Math.floor(options.limit))
  if (limit === 0 || relation.columns.length === 0) return []
  const { dialect } = session
  const row = dialect.identifier(relation.rowColumn)
  const names = relation.columns.map(({ name }) => dialect.identifier(name))
  const { rows } = await session.query(
    `SELECT ${[row, ...names].join(', ')} FROM ${relation.sql} ORDER BY ${row} LIMIT ${limit}`,
    { signal: options.signal },
  )
  const cellsOf = (index: number): readonly Cell[] => rows.map((cells) => cells[index + 1] ?? null)
  const sensitive = withPersonal(options.contract, relation.columns, cellsOf)
  return rows.map(([place = 0, ...cells]) => ({
    row: Number(place),
    values: {
      ...maskRecord(
        relation.columns.map(({ name }, index) => [name, cells[index] ?? null] as const),
        sensitive,
      ),
    },
  }))
}

function withPersonal(
  contract: Pick<Contract, 'schema'> | undefined,
  columns: readonly ColumnSchema[],
  cellsOf: (index: number) => readonly Cell[],
): SensitiveColumns {
  const declared = new Set(Object.keys(contract?.schema.columns ?? {}).map((name) => name.toLowerCase()))
  const sensitive = new Map(contract === undefined ? [] : sensitiveColumns(contract))
  const byName = new Map([...sensitive].map(([name, how]) => [name.toLowerCase(), how]))
  for (const [index, { name, type }] of columns.entries()) {
    const how = byName.get(name.toLowerCase())
    if (how !== undefined) sensitive.set(name, how)
    else if (!declared.has(name.toLowerCase()) && speaksOfPerson(name, type, cellsOf(index)))
      sensitive.set(name, 'mask')
  }
  return sensitive
}

function speaksOfPerson(name: string, type: string, cells: readonly Cell[]): boolean {
  return sensitiveWord(name, type, columnFamily(type)) !== undefined || cells.some(isPersonal)
}

function isPersonal(cell: Cell): boolean {
  if (typeof cell === 'string') return looksPersonal(cell)
  if (typeof cell !== 'object' || cell === null) return false
  return (Array.isArray(cell) ? cell : Object.values(cell)).some((inner) => isPersonal(inner as Cell))
}
