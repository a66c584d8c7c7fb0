import type { ByteSource } from '@tidegate/core'

import { finding } from '../finding-codes.ts'
import type { PageLimits } from '../pages/page-limits.ts'
import { scanChunks } from '../pages/scan-chunks.ts'
import { readFooter } from '../read-footer.ts'
import { viewOf } from '../source/pieces.ts'
import type { RepairPlan } from './plan.ts'
import { refusedPlan } from './refused-plan.ts'

/**
 * A plan must not promise what the verification of the written file would refuse. Reads the footer of the file to be and
 * its page headers; the pages themselves were looked at by those who planned. What is unpacked or encoded anew is another
 * file in the end, and is verified then.
 */
export async function checkPlan(
  source: ByteSource,
  plan: RepairPlan,
  options: { readonly limits?: Partial<PageLimits> | undefined; readonly signal?: AbortSignal | undefined },
): Promise<RepairPlan> {
  if (plan.kind !== 'repair' || plan.rewrite !== undefined) return plan
  const fault = await faultOf(viewOf(source, plan.pieces), options)
  if (fault === undefined) return plan
  const message = `The file that would be written is not sound: ${fault}`
  const failed = finding('PQ606', message, { severity: 'error', evidence: { steps: plan.steps.length } })
  return refusedPlan([...plan.findings, failed], 'what can be planned is not sound for our own reader')
}

async function faultOf(view: ByteSource, options: Parameters<typeof checkPlan>[2]): Promise<string | undefined> {
  const outcome = await readFooter(view)
  const wrong = outcome.findings.find(({ severity }) => severity === 'error' || severity === 'fatal')
  if (outcome.kind === 'bad' || wrong !== undefined) return wrong?.message ?? 'its footer cannot be read.'
  for await (const { status, findings, rowGroup, column } of scanChunks(view, outcome.footer, {
    level: 'headers',
    limits: options.limits,
    signal: options.signal,
  }))
    if (status === 'damaged')
      return (
        findings.find(({ severity }) => severity === 'error' || severity === 'fatal')?.message ??
        `column ${column} of row group ${rowGroup} is damaged.`
      )
  return undefined
}
