import type { JSX } from 'preact'
import { address, connected, go, hrefWith, names, paused, report, source } from '../state/app.ts'
import type { Params } from '../state/address.ts'
import { WINDOWS } from '../state/filter.ts'
import { shown } from '../state/shown.ts'
import { chooseTheme, themeChoice, type ThemeChoice } from '../state/theme.ts'
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

function Pick({
  name,
  label,
  options,
}: {
  name: 'source' | 'dataset'
  label: string
  options: readonly string[]
}): JSX.Element | null {
  const chosen = address.value.params.getAll(name).filter((value) => value !== '')
  if (options.length < 2 && chosen.length === 0) return null
  const several = chosen.length > 1
  return (
    <label class="field">
      {label}
      <select
        value={several ? '\u0000several' : (chosen[0] ?? '')}
        onChange={({ currentTarget }) => go(hrefWith(chosenParams(name, currentTarget.value)))}
      >
        <option value="">All</option>
        {several ? (
          <option value={'\u0000several'} disabled>
            {chosen.length} chosen
          </option>
        ) : null}
        {[...new Set([...options, ...(several ? [] : chosen)])].map((option) => (
          <option key={option} value={option}>
            {option.length > 60 ? `${option.slice(0, 60)}…` : option}
          </option>
        ))}
      </select>
    </label>
  )
}

/** What is chosen, without what cannot be true beside it: a dataset that the source does not have shows nothing. */
function chosenParams(name: 'source' | 'dataset', value: string): Params {
  if (value === '') return { [name]: null }
  const { params } = address.peek()
  const { sourcesOf } = names.peek()
  const fits = (source: string, dataset: string): boolean => sourcesOf.get(dataset)?.has(source) ?? false
  const other = name === 'source' ? 'dataset' : 'source'
  const kept = params.getAll(other).filter((one) => (name === 'source' ? fits(value, one) : fits(one, value)))
  return { [name]: value, [other]: kept }
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
