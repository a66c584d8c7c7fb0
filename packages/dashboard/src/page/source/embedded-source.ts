import type { ReportData } from '@tidegate/monitor'
import { LoadError, readReport, type DataSource } from './data-source.ts'
import { selectFiles } from './select-files.ts'

/** The report that lies in the page itself. Nothing is asked of anybody. */
export function embeddedSource(element: Element): DataSource {
  let loading: Promise<ReportData> | undefined
  const load = (): Promise<ReportData> => (loading ??= unpack(element))
  return {
    host: 'file',
    load,
    files: async (query) => selectFiles((await load()).facts, query),
    watch: () => () => {},
  }
}

async function unpack(element: Element): Promise<ReportData> {
  const text = element.textContent ?? ''
  if (text === '') throw new LoadError('This page has no data: it is the template of a report.')
  const json = element.getAttribute('data-encoding') === 'gzip' ? await inflate(text) : text
  return readReport(JSON.parse(json), 'The data in this page')
}

async function inflate(base64: string): Promise<string> {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))
  return new Response(stream).text()
}
