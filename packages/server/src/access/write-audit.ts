import { codeOf, type AuditRecord } from '@tidegate/core'
import type { FastifyBaseLogger } from 'fastify'
import type { Services } from '../services.ts'

/**
 * Notes who changed what, or was refused. What was done stays done when this fails: the change is committed by then, and to
 * answer it with a failure would have it sent again. The failure is logged with the whole record instead.
 */
export async function writeAudit(
  { state, nowMs, newId }: Pick<Services, 'state' | 'nowMs' | 'newId'>,
  log: FastifyBaseLogger,
  record: Omit<AuditRecord, 'id' | 'atMs'>,
): Promise<void> {
  const audit = { id: newId(), atMs: nowMs(), ...record }
  try {
    await state.addAudit(audit)
  } catch (error) {
    log.error({ audit, code: codeOf(error) }, 'the audit log could not be written')
  }
}
