import path from 'node:path'
import { leavesSandbox } from '@tidegate/config'
import { TidegateError, type Config, type SourceConfig } from '@tidegate/core'
import { fillPath } from '@tidegate/pipeline/names'

/** @throws TidegateError `INGESTION_OUTSIDE` where a link leads a target of an ingestion made by API out of its folders */
export function assertConfined(source: SourceConfig, dataset: string, config: Config): void {
  const { target, quarantine } = source
  const places = [
    ...(target.kind === 'postgres' ? [] : [fillPath(target.path, source.name, dataset)]),
    quarantine.path,
    path.join(quarantine.path, dataset),
  ]
  for (const place of places) {
    const why = leavesSandbox(source.origin, place, config)
    if (why === undefined) continue
    throw new TidegateError('INGESTION_OUTSIDE', `${place} is not used for ${source.name}: ${why}`, {
      dataNow: 'Nothing was written.',
      hint: 'The operator names the folders in `server.roots` of tidegate.yaml; links must not lead out of them.',
    })
  }
}
