import { useMemo, useState } from 'preact/hooks'
import type { JSX } from 'preact'
import { hrefOf, names } from '../state/app.ts'
import { PAGES, type PageName, type Params } from '../state/address.ts'
import { viewIfAny } from '../state/shown.ts'
import { PAGE_TITLES } from './nav.tsx'

interface Target {
  readonly text: string
  readonly kind: string
  readonly page: PageName
  readonly params?: Params
}

const SHOWN = 12

/** Finds pages, sources, datasets, checks, causes and files by a part of their name. */
export function Search(): JSX.Element {
  const [text, setText] = useState('')
  const found = useMemo(() => find(text), [text])
  const close = (): void => setText('')
  return (
    <div
      class="search-box"
      role="search"
      onKeyDown={(event) => {
        if (event.key === 'Escape') close()
      }}
    >
      <input
        id="search"
        type="search"
        placeholder="Search  /"
        aria-label="Search sources, datasets, checks, causes and files"
        autocomplete="off"
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
      />
      {text.trim() === '' ? null : (
        <ul aria-label="Results">
          {found.map(({ text, kind, page, params }, index) => (
            <li key={index}>
              <a href={hrefOf(page, params)} onClick={close}>
                <span class="clip">{text.slice(0, 300)}</span>
                <span class="muted small">{kind}</span>
              </a>
            </li>
          ))}
          {found.length === 0 ? <li class="empty">Nothing here has “{text.slice(0, 60)}” in its name.</li> : null}
        </ul>
      )}
    </div>
  )
}

function find(text: string): readonly Target[] {
  const wanted = text.trim().toLowerCase()
  if (wanted === '') return []
  const matches: Target[] = []
  for (const target of targets()) {
    if (target.text.toLowerCase().includes(wanted)) matches.push(target)
    if (matches.length === SHOWN) break
  }
  return matches
}

function* targets(): Generator<Target> {
  for (const page of PAGES) yield { text: PAGE_TITLES[page], kind: 'page', page }
  for (const name of names.value.sources)
    yield { text: name, kind: 'source', page: 'datasets', params: { source: name } }
  for (const name of names.value.datasets)
    yield { text: name, kind: 'dataset', page: 'datasets', params: { dataset: name } }
  for (const { check, dataset, link } of viewIfAny('quality')?.worst ?? []) {
    yield { text: check, kind: `check of ${dataset.slice(0, 60)}`, page: link.page, params: link.params }
  }
  for (const { code, message, fingerprint } of viewIfAny('failures')?.causes ?? []) {
    yield { text: `${code} ${message}`, kind: 'cause', page: 'failures', params: { cause: fingerprint } }
  }
  for (const { path, outcome, link } of viewIfAny('files')?.files ?? []) {
    yield { text: path, kind: `file, ${outcome}`, page: link.page, params: link.params }
  }
}
