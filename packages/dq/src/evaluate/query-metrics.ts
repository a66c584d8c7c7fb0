import type { PlannedQuery } from '../plan/check-plan.ts'
import type { CheckProblem } from '../expectations/definition.ts'
import type { QueryPlace } from './assemble-query.ts'
import type { QueryMetric } from '../expression/metric.ts'
import { renderExpression } from '../expression/render-expression.ts'

/** What `{batch}` becomes: the name of a common table expression, so that it can be named twice and qualify columns. */
const BATCH = '__tg_batch'

/** The author's queries, one statement per metric and file: each sees the rows of its file and the data columns alone. */
export function authorQueries(
  metrics: readonly (readonly [key: string, metric: QueryMetric])[],
  place: QueryPlace,
): readonly PlannedQuery[] {
  const { files } = place.relation
  return metrics.flatMap(([key, metric], index) =>
    files.map(({ key: file }, number): PlannedQuery => {
      const sql = authorSql(metric, file, place)
      const id = files.length === 1 ? `query-${index + 1}` : `query-${index + 1}.${number + 1}`
      const written = metric.written === undefined ? {} : { written: metric.written }
      return { id, kind: 'query', sql, answers: [key], select: [{ key, sql }], from: '', fileColumn: undefined, file, ...written } // prettier-ignore
    }),
  )
}

function authorSql(metric: QueryMetric, file: string, { relation, dialect, capture }: QueryPlace): string {
  const batch = dialect.identifier(BATCH)
  const columns = relation.columns.map(({ name }) => dialect.identifier(name))
  const conditions = [
    ...(relation.files.length > 1 ? [`${dialect.identifier(relation.fileColumn)} = ${dialect.literal(file)}`] : []),
    ...(metric.among === undefined ? [] : [renderExpression(metric.among, { relation, dialect })]),
  ]
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`
  const rows = `WITH ${batch} AS (SELECT ${columns.join(', ')} FROM ${relation.sql}${where})`
  // The line break ends a comment that the author's text may end with.
  const query = `(${withoutSemicolon(metric.sql.replaceAll('{batch}', batch))}\n)`
  const row = dialect.identifier('__tg_record')
  if (metric.kind === 'query-count') return `${rows}\nSELECT count(*) FROM ${query} AS ${row}`
  // Whoever wants all unexpected rows wants all of these.
  const limit = capture.complete ? '' : ` LIMIT ${metric.limit}`
  return `${rows}\nSELECT coalesce(list(${row}), []) FROM (SELECT ${row} FROM ${query} AS ${row}${limit})`
}

/** Why a text is not one query: it could otherwise end ours and start another statement. */
export function authorSqlProblem(sql: string): CheckProblem | undefined {
  const parts = splitStatements(sql)
  if (typeof parts === 'string') return sqlProblem(parts)
  const [first, ...more] = parts
  if (first === undefined) return sqlProblem('is empty')
  if (more.length > 0) return sqlProblem(`has ${parts.length} statements`)
  return /^\(*\s*(?:select|with|from|values)\b/i.test(first)
    ? undefined
    : sqlProblem('is not a query: it must start with SELECT or WITH')
}

function sqlProblem(what: string): CheckProblem {
  return {
    code: 'CHECK_SQL',
    message: `the SQL ${what}`,
    hint: 'Write one SELECT over {batch}.',
  }
}

function withoutSemicolon(sql: string): string {
  const parts = splitStatements(sql)
  return typeof parts === 'string' ? sql : (parts[0] ?? sql)
}

/**
 * What a token of SQL can be where a semicolon or a parenthesis means nothing. Names may hold `$`, so that `a$x$` is no
 * quote. Comments are taken out: nested ones would end elsewhere for the engine.
 */
const TOKEN =
  /(?<comment>--[^\n\r]*|\/\*[^]*?\*\/)|[eE]'(?:[^'\\]|\\[^]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|(?<tag>\$(?:[A-Za-z_\u0080-\u{10ffff}][\w\u0080-\u{10ffff}]*)?\$)[^]*?\k<tag>|(?<open>[([{])|(?<close>[)\]}])|(?<end>;)|(?<broken>['"]|\/\*)|[A-Za-z_\u0080-\u{10ffff}][\w$\u0080-\u{10ffff}]*|[^]/gu

/** The statements without their comments at the start, or what is wrong with the text. */
function splitStatements(sql: string): readonly string[] | string {
  if (sql.includes('\0')) return 'contains a NUL character'
  const statements: string[] = []
  let [current, depth] = ['', 0]
  for (const { 0: text, groups } of sql.matchAll(TOKEN)) {
    if (groups?.['comment'] !== undefined) {
      current += ' '
      continue
    }
    if (groups?.['broken'] !== undefined) return 'has a quote or a comment that is not closed'
    if (groups?.['open'] !== undefined) depth += 1
    if (groups?.['close'] !== undefined) depth -= 1
    if (depth < 0) return 'closes a parenthesis that it did not open'
    if (groups?.['end'] === undefined) current += text
    else {
      statements.push(current.trim())
      current = ''
    }
  }
  if (depth > 0) return 'leaves a parenthesis open'
  statements.push(current.trim())
  return statements.filter((statement) => statement !== '')
}
