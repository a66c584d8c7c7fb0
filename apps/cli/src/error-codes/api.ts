import type { CodeTexts } from './code-texts.ts'

/** What the resources of the HTTP API refuse. */
export const API_CODES: CodeTexts = {
  INGESTION_UNKNOWN: [
    'There is no ingestion of this name, neither in tidegate.yaml nor made by API.',
    'GET /api/v1/ingestions lists them.',
  ],
  INGESTION_EXISTS: [
    'There is an ingestion of this name already. Nothing was made.',
    'Choose another name, or change it.',
  ],
  INGESTION_INVALID: [
    'The entry of an ingestion breaks a rule. Nothing was changed, and it is not run.',
    'The list of errors, or `problems` of the ingestion, says which; docs/configuration.md has the rules.',
  ],
  INGESTION_READ_ONLY: [
    'The ingestion stands in tidegate.yaml and is read-only in the API. Nothing was changed.',
    'Change it in the file and start the daemon again.',
  ],
  INGESTION_NO_SCHEDULE: [
    'The ingestion has no schedule that could be paused or resumed.',
    'Give it one, or run it by hand.',
  ],
  SCHEDULE_UNKNOWN: ['There is no schedule of this id.', 'GET /api/v1/schedules lists them.'],
  SCHEDULE_NOT_READY: [
    'The scheduler has not taken over a schedule that was just made.',
    'Ask again in a second; /readyz says whether a scheduler runs.',
  ],
  RUN_UNKNOWN: ['There is no run of this id, or it was forgotten by retention.', 'GET /api/v1/runs lists them.'],
  RUN_OF_CLI: [
    'The run was made by the command line: the daemon does not drive it.',
    'Start a run of the same source.',
  ],
  RUN_NOT_OVER: [
    'Only runs that are dead, cancelled, gate-failed or partial can be driven again.',
    'Wait for its end, or cancel it first.',
  ],
  RUN_OVER: ['The run is over and cannot be cancelled. Its result stands.', 'Nothing needs to be done.'],
  WATERMARK_UNKNOWN: [
    'No watermark is known of a source of this name.',
    'It gets one when files with its watermark column are loaded.',
  ],
  QUARANTINE_CLOSED: [
    'The record was replayed, released, discarded or superseded already. Nothing was changed.',
    'Read it to see what became of it.',
  ],
  CONTRACT_UNKNOWN: ['There is no such dataset of such an ingestion.', 'GET /api/v1/contracts lists them.'],
  SILENCE_TIMES: [
    'A silence must end after it begins, in time to come, and within a year. None was made.',
    'Correct its times.',
  ],
  TOKEN_UNKNOWN: ['There is no token of this id that could be revoked.', '`tidegate token ls` lists them.'],
  NOT_LIVE: [
    'The event loop of the daemon is so late that nobody is answered in time.',
    'End the process; a new one continues its runs.',
  ],
  NOT_READY: [
    'The daemon drains, its state does not answer, or its scheduler has not looked for a minute.',
    'The list of errors says which part; wait, or look at the log.',
  ],
}
