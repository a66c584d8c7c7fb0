import type { JSX } from 'preact'
import { session, signOut } from '../operations/api.ts'
import { address, hrefOf, report } from '../state/app.ts'
import type { PageName } from '../state/address.ts'
import { useShown, viewOf, type Shown } from '../state/shown.ts'
import { Slice } from '../ui/slice.tsx'

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
                {name === 'alerts' || name === 'files' ? (
                  <Slice>
                    <Badge page={name} />
                  </Slice>
                ) : null}
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
      {session.value === undefined || session.value.csrf === null ? null : (
        <button type="button" onClick={() => void signOut()}>
          Sign out
        </button>
      )}
    </header>
  )
}

/** What waits on a page for a person. */
function Badge({ page }: { page: 'alerts' | 'files' }): JSX.Element | null {
  const [waiting, tone, what] = waitingOn(page, useShown())
  if (waiting === 0) return null
  return (
    <span class={`badge ${tone}`}>
      {waiting > 999 ? '999+' : waiting}
      <span class="visually-hidden"> {what}</span>
    </span>
  )
}

/** Where a view cannot be computed nothing of it is shown here: its page says why. */
function waitingOn(page: 'alerts' | 'files', now: Shown): readonly [number, 'bad' | 'warn', string] {
  try {
    if (page === 'files') return [viewOf('quarantine', now).openFiles, 'warn', 'in quarantine']
    const { open, bySeverity } = viewOf('alerts', now)
    return [open, bySeverity.critical > 0 ? 'bad' : 'warn', 'open']
  } catch {
    return [0, 'warn', '']
  }
}
