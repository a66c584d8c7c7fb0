import type { JSX } from 'preact'
import { address, connected, hrefWith, names, paused, report, source } from '../state/app.ts'
import { WINDOWS } from '../state/filter.ts'
import { shown } from '../state/shown.ts'
import { chooseTheme, themeChoice, type ThemeChoice } from '../state/theme.ts'
import { Pick } from './pick.tsx'
import { Search } from './search.tsx'

/** What is looked at: time, source, dataset. All of it is in the address. */
export function FilterBar({ onHelp }: { onHelp: () => void }): JSX.Element {
  return (
    <div class="bar" role="region" aria-label="Filter">
      <WindowChoice />
      <Pick name="source" label="Source" options={names.value.sources} />
      <Pick name="dataset" label="Dataset" options={names.value.datasets} />
      <Stretch />
      <span class="grow" />
      <Live />
      <Search />
      <ThemeToggle />
      <button type="button" class="quiet" onClick={onHelp} aria-label="Keyboard help">
        ?
      </button>
    </div>
  )
}

function WindowChoice(): JSX.Element {
  const { params } = address.value
  const stretch = params.has('since') || params.has('until')
  const reach = report.value?.facts
  const spanMs = reach === undefined ? 0 : reach.untilMs - reach.sinceMs
  const offered = WINDOWS.filter(({ ms }) => source.value?.host === 'server' || ms < spanMs)
  const chosen = stretch ? undefined : (offered.find(({ value }) => value === params.get('window'))?.value ?? 'all')
  return (
    <div class="segments" role="group" aria-label="Time window">
      {[...offered, { value: 'all', label: 'All' }].map(({ value, label }) => (
        <a
          key={value}
          href={hrefWith({ window: value === 'all' ? null : value, since: null, until: null })}
          aria-current={chosen === value ? 'true' : undefined}
        >
          {label}
        </a>
      ))}
    </div>
  )
}

function Stretch(): JSX.Element | null {
  const { params } = address.value
  if (!params.has('since') && !params.has('until')) return null
  return (
    <span class="chip">
      {shown.value?.filter.label}
      <a href={hrefWith({ since: null, until: null })} aria-label="Show all times again">
        ×
      </a>
    </span>
  )
}

function Live(): JSX.Element | null {
  if (source.value?.host !== 'server') return null
  return (
    <span class="field" role="status">
      {connected.value === false ? 'Connection lost, trying again' : paused.value ? 'Updates paused' : 'Live'}
      <button type="button" aria-pressed={paused.value} onClick={() => (paused.value = !paused.value)}>
        {paused.value ? 'Resume' : 'Pause'}
      </button>
    </span>
  )
}

const THEMES: readonly { readonly value: ThemeChoice; readonly label: string }[] = [
  { value: 'auto', label: 'Auto' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
]

function ThemeToggle(): JSX.Element {
  return (
    <div class="segments" role="group" aria-label="Theme">
      {THEMES.map(({ value, label }) => (
        <button key={value} type="button" aria-pressed={themeChoice.value === value} onClick={() => chooseTheme(value)}>
          {label}
        </button>
      ))}
    </div>
  )
}
