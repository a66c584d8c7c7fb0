import type { ByteSource } from '@tidegate/core'

import type { Assembly } from '../../assemble/assemble-chunks.ts'
import { assembleFile } from '../../assemble/assemble-file.ts'
import type { PageFits } from '../../assemble/page-fits.ts'
import { planSalvage, type SalvagePlan } from '../../assemble/salvage.ts'
import { sampleValues } from '../../assemble/value-evidence.ts'
import type { LostFooterOptions } from './plan-lost-footer.ts'
import type { NamedSchema } from './schema-candidates.ts'

export interface Assessment {
  readonly named: NamedSchema
  readonly assembly: Assembly
  readonly plan: SalvagePlan
}

export interface AssessOptions extends LostFooterOptions {
  /** What is known of the source's pages from other schemas, and will be. @defaultValue nothing */
  readonly fits?: PageFits
}

/** What the file looks like with a schema, and how much speaks for it. */
export async function assessSchema(
  source: ByteSource,
  named: NamedSchema,
  { limits, signal, minConfidence, allowAmbiguous, fits }: AssessOptions,
): Promise<Assessment> {
  const { schema } = named
  const assembly = await assembleFile(source, schema, {
    ...(limits === undefined ? {} : { limits }),
    ...(signal === undefined ? {} : { signal }),
    ...(fits === undefined ? {} : { fits }),
  })
  const values = await sampleValues(source, assembly, schema, limits)
  const plan = planSalvage(assembly, schema, {
    minConfidence: minConfidence ?? 'strong',
    allowAmbiguous: allowAmbiguous ?? false,
    values,
  })
  return { named, assembly, plan }
}
