import type { Capped, FileQuery, FileRecord } from '@tidegate/core'
import { LoadError, readReport, SignInNeeded, type DataSource } from './data-source.ts'

/**
 * The page's own server. `GET views/facts?since&until` gives a ReportData, `GET views/files?…` a list of files with their
 * total, `GET views/events` is a stream that says `changed` when the state did.
 *
 * @param base - Where the views are, with `/` at its end.
 */
export function httpSource(base: string): DataSource {
  return {
    host: 'server',
    load: async (window) => {
      const query = window === undefined ? '' : `?since=${window.sinceMs}&until=${window.untilMs}`
      return readReport(await getJson(`${base}facts${query}`), 'The answer of the server')
    },
    files: async (query) => (await getJson(`${base}files?${fileParams(query).toString()}`)) as Capped<FileRecord>,
    watch: (onChange, onConnection) => {
      const events = new EventSource(`${base}events`)
      events.addEventListener('changed', onChange)
      events.addEventListener('open', () => onConnection(true))
      events.addEventListener('error', () => onConnection(false))
      return () => events.close()
    },
  }
}

async function getJson(url: string): Promise<unknown> {
  const response = await fetch(url, { headers: { accept: 'application/json' } }).catch(() => {
    throw new LoadError('The server does not answer. Is `tidegate monitor --serve` still running?')
  })
  if (response.status === 401) throw new SignInNeeded('Sign in to see this.')
  if (!response.ok) throw new LoadError(`The server answered ${response.status} ${response.statusText}.`)
  return response.json()
}

export function fileParams(query: FileQuery): URLSearchParams {
  const params = new URLSearchParams({ limit: String(query.limit) })
  const given = {
    since: query.sinceMs,
    until: query.untilMs,
    dataset: query.dataset,
    folder: query.folder,
    outcome: query.outcome,
    repaired: query.repairedOnly === true ? 'true' : undefined,
    imperfect: query.imperfectOnly === true ? 'true' : undefined,
    scoreFrom: query.scoreFrom,
    scoreTo: query.scoreTo,
    search: query.search,
    check: query.failedCheck,
    run: query.run,
    order: query.order,
    offset: query.offset,
  }
  for (const [name, value] of Object.entries(given)) if (value !== undefined) params.set(name, String(value))
  for (const source of query.sources ?? []) params.append('source', source)
  return params
}
