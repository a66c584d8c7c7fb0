import type { TargetConfig, WritePlan } from '@tidegate/core'

/** What the target's settings ask of the destination. Pure. */
export function writePlanOf(target: TargetConfig): WritePlan {
  const { mode, replace, keys, dedup, partitionBy } = target
  return { mode, replace, keys, dedup, partitionBy }
}
