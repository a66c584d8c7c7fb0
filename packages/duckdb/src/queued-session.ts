import type { Session } from '@tidegate/core'
import { duckdbDialect } from './dialect.ts'
import { readFileStatistics } from './file-statistics.ts'

/** A session whose statements run one after another, in the order in which they were asked. It closes after the last. */
export function queuedSession(run: Session['query'], close: () => void | Promise<void>): Session {
  let queue: Promise<unknown> = Promise.resolve()
  const query: Session['query'] = (sql, options) => {
    const result = queue.then(() => run(sql, options))
    queue = result.catch(() => {})
    return result
  }
  return {
    dialect: duckdbDialect,
    query,
    fileStatistics: (files, options) => readFileStatistics((sql) => query(sql, options), files),
    async close() {
      await queue
      await close()
    },
  }
}
