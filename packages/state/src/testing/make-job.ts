import type { NewJob } from '@tidegate/core'

export function makeJob(given: Partial<NewJob> & { readonly id: string }): NewJob {
  return {
    command: 'ingest',
    source: `source of ${given.id}`,
    trigger: 'api',
    schedule: null,
    instantMs: null,
    createdBy: 'me',
    createdAtMs: 10,
    notBeforeMs: 10,
    args: {},
    maxAttempts: 3,
    expiryMs: null,
    ...given,
  }
}
