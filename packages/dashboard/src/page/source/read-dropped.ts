import { monitorReport, type MonitorReport } from '@tidegate/monitor'
import { LoadError } from './data-source.ts'
import { embeddedSource } from './embedded-source.ts'

/** A report out of a file that a person gave: exported JSON, or an HTML report. Nothing in it is run. */
export async function readDropped(file: File): Promise<MonitorReport> {
  const text = await file.text()
  const name = file.name.slice(0, 100)
  if (text.trimStart().startsWith('<')) {
    const element = new DOMParser().parseFromString(text, 'text/html').querySelector('#report-data')
    if (element === null) throw new LoadError(`${name} is no Tidegate report.`)
    const { facts, context } = await embeddedSource(element).load()
    return monitorReport(facts, context)
  }
  return readExport(text, name)
}

function readExport(text: string, name: string): MonitorReport {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new LoadError(`${name} is neither JSON nor an HTML report.`)
  }
  if (typeof value !== 'object' || value === null || !('kind' in value) || value.kind !== 'monitor-report') {
    throw new LoadError(`${name} is no report of tidegate monitor.`)
  }
  if (!('schemaVersion' in value) || value.schemaVersion !== 2) {
    throw new LoadError(`${name} was written by another version of Tidegate; make it again with this one.`)
  }
  return value as unknown as MonitorReport
}
