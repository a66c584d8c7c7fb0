import type { Config, OutboxNotice } from '@tidegate/core'
import type { SourceReport } from '@tidegate/pipeline'

export function noticesOf(_report: SourceReport, _config: Config, _nowMs: number): readonly OutboxNotice[] {
  return []
}
