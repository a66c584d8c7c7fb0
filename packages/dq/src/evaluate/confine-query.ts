/**
 * Keeps a query of a contract's author at the rows that it is asked about: whoever may write a contract, or name another
 * file as one, must not read what else the engine may read. The engine's own parser says what the query names.
 *
 *   (1) A table is `{batch}`, one that the caller gave, or one of the query's own WITH; a name is a plain word, so that none
 *       of them can be taken for a file.                                                        [tableProblem]
 *   (2) Functions that make rows are those that read nothing.                                     [MAKES_ROWS]
 *   (3) What runs or plans other SQL, or tells how the engine is set up, is not called.             [FORBIDDEN]
 */
import type { Session } from '@tidegate/core'
import type { WrittenQuery } from '../expression/metric.ts'

/** Why the query reaches further than it may, for people; undefined where it does not. */
export async function confineQuery(
  session: Session,
  { sql, tables }: WrittenQuery,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const text = sql
    .replaceAll('{batch}', BATCH)
    .replaceAll('{comparison}', COMPARISON)
    .replace(/[;\s]+$/, '')
  const { rows } = await session.query(`SELECT CAST(json_serialize_sql(${session.dialect.literal(text)}) AS VARCHAR)`, {
    signal,
  })
  const parsed: unknown = JSON.parse(String(rows[0]?.[0] ?? '{}'))
  const { statements } = mapOf(parsed) ?? {}
  if (!Array.isArray(statements) || statements.length !== 1) return 'it is not one SELECT that the engine understands'
  const known = new Set([BATCH, ...tables.map((name) => (name === '{comparison}' ? COMPARISON : name.toLowerCase()))])
  for (const node of nodesIn(statements)) {
    const wrong = nodeProblem(node, known)
    if (wrong !== undefined) return wrong
  }
  return undefined
}

const BATCH = '__tg_batch'
const COMPARISON = '__tg_comparison'

type Node = Readonly<Record<string, unknown>>

function mapOf(value: unknown): Node | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Node) : undefined
}

/** Outer ones first, so that the names of a WITH are known before what uses them. */
function* nodesIn(value: unknown): Generator<Node> {
  if (Array.isArray(value)) for (const item of value) yield* nodesIn(item)
  const node = mapOf(value)
  if (node === undefined) return
  yield node
  for (const item of Object.values(node)) yield* nodesIn(item)
}

function nodeProblem(node: Node, known: Set<string>): string | undefined {
  for (const name of withNames(node['cte_map'])) {
    if (!PLAIN.test(name)) return `WITH ${JSON.stringify(name)} is no plain name`
    known.add(name.toLowerCase())
  }
  switch (node['type']) {
    case 'BASE_TABLE':
      return tableProblem(node, known)
    case 'TABLE_FUNCTION': {
      const name = functionName(mapOf(node['function']))
      return MAKES_ROWS.has(name) ? undefined : `${name} makes rows of something else than {batch}`
    }
    case 'SHOW_REF':
      return 'it describes something instead of selecting from {batch}'
    case 'FUNCTION': {
      const name = functionName(node)
      return FORBIDDEN.has(name) ? `${name} is not allowed` : undefined
    }
    default:
      return undefined
  }
}

function tableProblem(node: Node, known: ReadonlySet<string>): string | undefined {
  const name = String(node['table_name'])
  const isPlain = (node['schema_name'] ?? '') === '' && (node['catalog_name'] ?? '') === ''
  return isPlain && known.has(name.toLowerCase()) ? undefined : `${JSON.stringify(name)} is not {batch}`
}

function withNames(map: unknown): readonly string[] {
  const { map: entries } = mapOf(map) ?? {}
  return Array.isArray(entries) ? entries.map((entry) => String(mapOf(entry)?.['key'])) : []
}

function functionName(node: Node | undefined): string {
  return String(node?.['function_name']).toLowerCase()
}

const PLAIN = /^[A-Za-z_]\w*$/

const MAKES_ROWS: ReadonlySet<string> = new Set(['unnest', 'range', 'generate_series', 'json_each', 'json_tree'])

const FORBIDDEN: ReadonlySet<string> = new Set(
  `json_serialize_plan json_execute_serialized_sql query query_table current_setting getvariable getenv write_log
  nextval currval current_query current_database current_schemas`.split(/\s+/),
)
