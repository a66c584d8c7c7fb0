import type { MonitorReport, MonitorSection } from '@tidegate/monitor'
import type { Payload } from '../../render/index.ts'

/** The whole is the report as it is exported; one section stands under its name. */
export function monitorPayload(report: MonitorReport, section: MonitorSection | undefined): Payload {
  if (section === undefined) return { ...report }
  return { schemaVersion: 2, kind: `monitor-${section}`, [section]: report[section] }
}
