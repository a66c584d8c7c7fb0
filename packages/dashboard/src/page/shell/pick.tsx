import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { exact } from '../format/amounts.ts'
import { address, go, hrefWith, names } from '../state/app.ts'
import type { Params } from '../state/address.ts'

/** More names than these can be looked for; of more than so many only the first are listed. */
const SEARCHED = 10
const LISTED = 100

/** Which sources or datasets are looked at: all, one or several. */
export function Pick({
  name,
  label,
  options,
}: {
  name: 'source' | 'dataset'
  label: string
  options: readonly string[]
}): JSX.Element | null {
  const details = useRef<HTMLDetailsElement>(null)
  const [text, setText] = useState('')
  useEffect(() => closeOutside(details), [])
  const chosen = address.value.params.getAll(name).filter((value) => value !== '')
  if (options.length < 2 && chosen.length === 0) return null
  const all = [...new Set([...chosen, ...options])].toSorted()
  const wanted = text.trim().toLowerCase()
  const found = all.filter((option) => option.toLowerCase().includes(wanted))
  return (
    <details class="pick" ref={details} onKeyDown={(event) => closeByKey(event, details.current)}>
      <summary>
        <span class="muted">{label}</span> <span class="chosen">{wordsOf(chosen)}</span>
      </summary>
      <div class="pick-panel" role="group" aria-label={`${label}s`}>
        {all.length > SEARCHED ? (
          <input
            type="search"
            placeholder="Part of the name"
            aria-label={`Part of the name of a ${name}`}
            value={text}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
        ) : null}
        <ul>
          {found.slice(0, LISTED).map((option) => (
            <li key={option}>
              <label title={option.slice(0, 2000)}>
                <input
                  type="checkbox"
                  checked={chosen.includes(option)}
                  onChange={({ currentTarget }) =>
                    go(hrefWith(chosenParams(name, changed(chosen, option, currentTarget.checked))))
                  }
                />
                <span class="clip">{option.slice(0, 300)}</span>
              </label>
              <button
                type="button"
                aria-label={`Only ${option.slice(0, 300)}`}
                onClick={() => go(hrefWith(chosenParams(name, [option])))}
              >
                only
              </button>
            </li>
          ))}
        </ul>
        {found.length > LISTED ? <p class="small muted">and {exact(found.length - LISTED)} more</p> : null}
        {found.length === 0 ? <p class="small muted">No {name} has this in its name.</p> : null}
        <button type="button" disabled={chosen.length === 0} onClick={() => go(hrefWith({ [name]: null }))}>
          All {name}s
        </button>
      </div>
    </details>
  )
}

function wordsOf([first, ...others]: readonly string[]): string {
  if (first === undefined) return 'All'
  return others.length === 0 ? first.slice(0, 60) : `${others.length + 1} chosen`
}

function changed(chosen: readonly string[], option: string, isChosen: boolean): readonly string[] {
  const others = chosen.filter((one) => one !== option)
  return isChosen ? [...others, option] : others
}

/** What is chosen, without what cannot be true beside it: a dataset that no chosen source has shows nothing. */
function chosenParams(name: 'source' | 'dataset', values: readonly string[]): Params {
  if (values.length === 0) return { [name]: null }
  const { params } = address.peek()
  const { sourcesOf } = names.peek()
  const fits = (source: string, dataset: string): boolean => sourcesOf.get(dataset)?.has(source) ?? false
  const other = name === 'source' ? 'dataset' : 'source'
  const kept = params
    .getAll(other)
    .filter((one) => values.some((value) => (name === 'source' ? fits(value, one) : fits(one, value))))
  return { [name]: values, [other]: kept }
}

/** A click elsewhere, or the focus elsewhere, closes it. */
function closeOutside(details: { readonly current: HTMLDetailsElement | null }): () => void {
  const close = ({ target }: Event): void => {
    const { current } = details
    if (current?.open === true && target instanceof Node && !current.contains(target)) current.open = false
  }
  addEventListener('pointerdown', close)
  addEventListener('focusin', close)
  return () => {
    removeEventListener('pointerdown', close)
    removeEventListener('focusin', close)
  }
}

function closeByKey(event: KeyboardEvent, details: HTMLDetailsElement | null): void {
  if (event.key !== 'Escape' || details?.open !== true) return
  details.open = false
  details.querySelector('summary')?.focus()
}
