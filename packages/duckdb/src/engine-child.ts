/**
 * The engine child: a process with one DuckDB instance that reads bytes we do not trust.
 *
 * It has no state that matters. It ends with its parent: when the channel closes (also because the parent was killed),
 * it kills itself, since a graceful exit would wait for a running scan. After an INTERNAL error its instance is dead; it
 * then ends, and the parent starts another.
 */
import { flushCompileCache } from 'node:module'
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import { TidegateError, messageOf } from '@tidegate/core'
import type { Answer, Request } from './protocol.ts'
import { runStatement } from './run-statement.ts'
import { settingStatements, type EngineSettings } from './settings.ts'

let instance: Promise<DuckDBInstance> | undefined
const sessions = new Map<number, Promise<DuckDBConnection>>()

process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
// The terminal sends Ctrl-C to the whole group; the parent decides what to stop and when.
process.on('SIGINT', () => {})
process.on('message', (request: Request) => void handle(request))

async function handle(request: Request): Promise<void> {
  switch (request.kind) {
    case 'start':
      instance = start(request.settings)
      // A failed start is told to whoever asks for the first session.
      instance.catch(() => {})
      // Where Node keeps compiled modules it writes them at exit, and this process is killed.
      flushCompileCache()
      return
    case 'open':
      return answer(request.id, async () => {
        const opened = connect()
        sessions.set(request.session, opened)
        await opened
      })
    case 'query':
      return answer(request.id, async () => runStatement(await sessionOf(request.session), request.sql))
    case 'interrupt':
      ;(await sessions.get(request.session))?.interrupt()
      return
    case 'close':
      return answer(request.id, async () => {
        const connection = await sessions.get(request.session)
        sessions.delete(request.session)
        connection?.disconnectSync()
      })
  }
}

async function start(settings: EngineSettings): Promise<DuckDBInstance> {
  const created = await DuckDBInstance.create(':memory:')
  const connection = await created.connect()
  for (const statement of settingStatements(settings)) await runStatement(connection, statement)
  connection.disconnectSync()
  return created
}

async function connect(): Promise<DuckDBConnection> {
  if (instance === undefined) throw new Error('the engine was not started')
  return (await instance).connect()
}

async function sessionOf(id: number): Promise<DuckDBConnection> {
  const session = sessions.get(id)
  if (session === undefined) throw new Error(`session ${id} is not open`)
  return session
}

async function answer(id: number, work: () => Promise<unknown>): Promise<void> {
  let message: Answer
  try {
    const result = await work()
    message = result === undefined ? { kind: 'done', id } : { kind: 'result', id, result: result as never }
  } catch (error) {
    message = errorAnswer(id, error)
  }
  process.send?.(message)
  if (message.kind === 'error' && message.code === 'ENGINE_CRASHED') process.exit(70)
}

function errorAnswer(id: number, error: unknown): Answer {
  const known = error instanceof TidegateError ? error : undefined
  return {
    kind: 'error',
    id,
    code: known?.code ?? 'ENGINE_SQL',
    message: messageOf(error),
    hint: known?.hint,
    retryable: known?.retryable ?? false,
    sql: known?.cause instanceof Error ? known.cause.message : undefined,
  }
}
