import type { Link } from '@tidegate/monitor'
import type { ComponentChildren, JSX } from 'preact'
import { bytes, count, exact, percent } from '../format/amounts.ts'
import { ago, duration, exactTime, moment } from '../format/times.ts'
import { hrefOfLink, nowMs } from '../state/app.ts'

type Value = number | null | undefined

/** A number for people with its exact value in the title, and a link to the rows behind it; behind zero there are none. */
export function Count({
  value,
  link,
  unit = '',
}: {
  value: Value
  link?: Link | undefined
  unit?: string
}): JSX.Element {
  if (value === 0) return <span class="muted">{`0${unit}`}</span>
  return <Linked link={link} title={`${exact(value)}${unit}`} text={`${count(value)}${unit}`} />
}

export function Bytes({ value, link }: { value: Value; link?: Link | undefined }): JSX.Element {
  return <Linked link={link} title={`${exact(value)} bytes`} text={bytes(value)} />
}

export function Percent({ value, link }: { value: Value; link?: Link | undefined }): JSX.Element {
  return <Linked link={link} title={`${exact(value)} %`} text={percent(value)} />
}

export function Duration({ value, link }: { value: Value; link?: Link | undefined }): JSX.Element {
  return <Linked link={link} title={`${exact(value)} ms`} text={duration(value)} />
}

/** `3 h ago`, with the instant in its title; or the instant itself. */
export function When({ at, relative = false }: { at: string | null | undefined; relative?: boolean }): JSX.Element {
  if (at === null || at === undefined) return <span class="muted">–</span>
  return (
    <time class="nowrap" dateTime={at} title={exactTime(at)}>
      {relative ? ago(at, nowMs.value) : moment(at, nowMs.value)}
    </time>
  )
}

function Linked({ link, title, text }: { link: Link | undefined; title: string; text: string }): JSX.Element {
  return link === undefined ? (
    <span title={title}>{text}</span>
  ) : (
    <a href={hrefOfLink(link)} title={title}>
      {text}
    </a>
  )
}

/** A name of any length: two lines are seen, the title has up to 2,000 characters of it. */
export function Name({
  text,
  link,
  children,
}: {
  text: string
  link?: Link | undefined
  children?: ComponentChildren
}): JSX.Element {
  const title = text.length > 2000 ? `${text.slice(0, 2000)}…` : text
  const shown = text.length > 300 ? `${text.slice(0, 300)}…` : text
  return (
    <span class="clip" title={title}>
      {link === undefined ? shown : <a href={hrefOfLink(link)}>{shown}</a>}
      {children}
    </span>
  )
}
