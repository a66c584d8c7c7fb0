import type { JSX } from 'preact'
import { address, hrefOf, report } from '../state/app.ts'
import type { PageName } from '../state/address.ts'
import { viewIfAny } from '../state/views.ts'

export const PAGE_TITLES: Readonly<Record<PageName, string>> = {
  overview: 'Overview',
  datasets: 'Datasets',
  quality: 'Quality',
  failures: 'Failures',
  files: 'Files',
  runs: 'Runs',
  performance: 'Performance',
  alerts: 'Alerts',
  reports: 'Reports',
}

export function Nav(): JSX.Element {
  const known = report.value
  return (
    <header class="nav">
      <div class="brand">
        <strong>Tidegate</strong>
        <span class="clip">{known?.project ?? ''}</span>
      </div>
      <nav aria-label="Pages">
        <ul>
          {Object.entries(PAGE_TITLES).map(([name, title]) => (
            <li key={name}>
              <a href={hrefOf(name as PageName)} aria-current={address.value.page === name ? 'page' : undefined}>
                {title}
                <Badge page={name as PageName} />
              </a>
            </li>
          ))}
        </ul>
      </nav>
      {known === undefined ? null : (
        <p class="foot">
          Version {known.version}
          <br />
          All times are UTC
        </p>
      )}
    </header>
  )
}

/** What waits on a page for a person. */
function Badge({ page }: { page: PageName }): JSX.Element | null {
  const [waiting, tone, what] = waitingOn(page)
  if (waiting === 0) return null
  return (
    <span class={`badge ${tone}`}>
      {waiting > 999 ? '999+' : waiting}
      <span class="visually-hidden"> {what}</span>
    </span>
  )
}

function waitingOn(page: PageName): readonly [number, 'bad' | 'warn', string] {
  if (page === 'alerts') {
    const alerts = viewIfAny('alerts')
    return [alerts?.open ?? 0, (alerts?.bySeverity.critical ?? 0) > 0 ? 'bad' : 'warn', 'open']
  }
  if (page === 'files') return [viewIfAny('quarantine')?.openFiles ?? 0, 'warn', 'in quarantine']
  return [0, 'warn', '']
}
