import type { ComponentChildren, JSX } from 'preact'
import { Command } from './command.tsx'

export type Span = 3 | 4 | 5 | 6 | 7 | 8 | 12

export function Card({
  title,
  summary,
  span = 12,
  actions,
  children,
}: {
  title: string
  summary?: string | undefined
  span?: Span
  actions?: ComponentChildren
  children?: ComponentChildren
}): JSX.Element {
  return (
    <section class={`card span-${span}`} aria-label={title}>
      <div class="card-head">
        <div>
          <h2>{title}</h2>
          {summary === undefined || summary === '' ? null : <p>{summary}</p>}
        </div>
        {actions}
      </div>
      {children}
    </section>
  )
}

/** What is said where there is nothing to show, with the next step. */
export function Empty({
  title,
  children,
  command,
}: {
  title: string
  children?: ComponentChildren
  command?: string | undefined
}): JSX.Element {
  return (
    <div class="empty">
      <strong>{title}</strong>
      {children}
      {command === undefined ? null : <Command text={command} />}
    </div>
  )
}

export function PageHead({
  title,
  summary,
  children,
}: {
  title: string
  summary: string
  children?: ComponentChildren
}): JSX.Element {
  return (
    <div class="page-head">
      <div>
        <h1>{title}</h1>
        <p>{summary}</p>
      </div>
      {children}
    </div>
  )
}
