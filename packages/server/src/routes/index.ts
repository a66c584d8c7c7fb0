import type { Route } from '../api/route.ts'
import { metricRoutes } from '../metrics/metric-routes.ts'
import { alertRoutes } from './alerts.ts'
import { auditRoutes } from './audit.ts'
import { changeIngestionRoutes } from './change-ingestions.ts'
import { contractRoutes } from './contracts.ts'
import { deliveryRoutes } from './deliveries.ts'
import { driveIngestionRoutes } from './drive-ingestions.ts'
import { engineRoutes } from './engines.ts'
import { fileRoutes } from './files.ts'
import { healthRoutes } from './health.ts'
import { ingestionRoutes } from './ingestions.ts'
import { previewRoutes } from './preview-ingestions.ts'
import { quarantineRoutes } from './quarantine.ts'
import { runRoutes } from './runs.ts'
import { scheduleRoutes } from './schedules.ts'
import { silenceRoutes } from './silences.ts'
import { tokenRoutes } from './tokens.ts'
import { validationRoutes } from './validations.ts'
import { watermarkRoutes } from './watermarks.ts'

export interface ApiRoutesOptions {
  /** `/metrics` without a token; probes never need one. @defaultValue true */
  readonly openMetrics?: boolean | undefined
}

/** All resources of the API. */
export function apiRoutes({ openMetrics = true }: ApiRoutesOptions = {}): Route[] {
  return [
    ...ingestionRoutes(),
    ...changeIngestionRoutes(),
    ...driveIngestionRoutes(),
    ...previewRoutes(),
    ...runRoutes(),
    ...fileRoutes(),
    ...watermarkRoutes(),
    ...validationRoutes(),
    ...quarantineRoutes(),
    ...contractRoutes(),
    ...scheduleRoutes(),
    ...alertRoutes(),
    ...silenceRoutes(),
    ...deliveryRoutes(),
    ...engineRoutes(),
    ...tokenRoutes(),
    ...auditRoutes(),
    ...healthRoutes(),
    ...metricRoutes(openMetrics ? 'open' : 'read'),
  ]
}
