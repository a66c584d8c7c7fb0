// Everything commands need to talk to a person: results as tables, errors, progress.
export {
  createProgress,
  type Amounts,
  type Progress,
  type ProgressLevel,
  type ProgressOptions,
  type Stage,
  type StageOutcome,
} from './progress.ts'
export { createStyle, plainStyle, type Style, type StyleOptions } from './style.ts'
export { renderError, type DiagnosticError, type Place } from './diagnostic.ts'
export { renderTable, streamWidth, type TableColumn, type TableSpec } from './table.ts'
export { renderLogLine } from './log-line.ts'
export { emit, type OutputFormat, type Payload } from './output.ts'
export { safeParagraphs, safeText } from './safe-text.ts'
export { padText, textWidth, truncateText } from './text-width.ts'
export {
  NONE,
  formatAge,
  formatAmount,
  formatBytes,
  formatCount,
  formatDuration,
  formatInstant,
  formatPercent,
  formatRate,
  sparkline,
} from './format.ts'
