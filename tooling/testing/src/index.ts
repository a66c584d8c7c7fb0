export { makeTempProject, type TempProject } from './temp-project.ts'
export { makeFakeClock, REFERENCE_TIME_MS, type FakeClock } from './fake-clock.ts'
export {
  encodeWindows1252,
  HOSTILE_NAMES,
  settle,
  writeCsv,
  writeErrorPage,
  writeParquet,
  writeTruncatedCopy,
  type CsvStyle,
} from './file-builders.ts'
export {
  runRecordingPhases,
  runToEnd,
  runUntilCrash,
  type CommandEnd,
  type CommandUnderTest,
  type CrashEnd,
  type PhaseHit,
} from './crash-harness.ts'
