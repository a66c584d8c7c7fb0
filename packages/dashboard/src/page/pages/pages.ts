import type { FunctionComponent } from 'preact'
import type { PageName } from '../state/address.ts'
import { AlertsPage } from './alerts-page.tsx'
import { DatasetsPage } from './datasets-page.tsx'
import { FailuresPage } from './failures-page.tsx'
import { FilesPage } from './files-page.tsx'
import { OverviewPage } from './overview-page.tsx'
import { PerformancePage } from './performance-page.tsx'
import { QualityPage } from './quality-page.tsx'
import { ReportsPage } from './reports-page.tsx'
import { RunsPage } from './runs-page.tsx'

export const PAGE_COMPONENTS: Readonly<Record<PageName, FunctionComponent>> = {
  overview: OverviewPage,
  datasets: DatasetsPage,
  quality: QualityPage,
  failures: FailuresPage,
  files: FilesPage,
  runs: RunsPage,
  performance: PerformancePage,
  alerts: AlertsPage,
  reports: ReportsPage,
}
