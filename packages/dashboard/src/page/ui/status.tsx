import type { Health } from '@tidegate/monitor'
import type { JSX } from 'preact'

const WORDS: Readonly<Record<Health, string>> = { ok: 'OK', warn: 'Warning', bad: 'Problem', unknown: 'Unknown' }

/** Icon, word and colour: none of them alone. */
export function Status({ health, word }: { health: Health; word?: string | undefined }): JSX.Element {
  return (
    <span class={`status ${health}`}>
      <Icon health={health} />
      {word ?? WORDS[health]}
    </span>
  )
}

function Icon({ health }: { health: Health }): JSX.Element {
  return (
    <svg
      width="14"
      height="14"
      viewBox="0 0 14 14"
      fill="none"
      stroke="currentColor"
      stroke-width="1.8"
      aria-hidden="true"
    >
      {SHAPES[health]}
    </svg>
  )
}

const SHAPES: Readonly<Record<Health, JSX.Element>> = {
  ok: (
    <>
      <circle cx="7" cy="7" r="5.6" />
      <path d="M4.4 7.2l1.8 1.8 3.4-3.8" />
    </>
  ),
  warn: (
    <>
      <path d="M7 1.6l5.6 10.2H1.4z" stroke-linejoin="round" />
      <path d="M7 5.4v2.8M7 9.6v.6" />
    </>
  ),
  bad: (
    <>
      <rect x="1.6" y="1.6" width="10.8" height="10.8" rx="2" />
      <path d="M4.8 4.8l4.4 4.4M9.2 4.8L4.8 9.2" />
    </>
  ),
  unknown: <circle cx="7" cy="7" r="5.6" stroke-dasharray="2.2 2.2" />,
}

/** How a run ended, as health. */
export function runHealth(status: string): Health {
  if (status === 'ok' || status === 'nothing-new') return 'ok'
  if (status === 'failed' || status === 'gate-failed') return 'bad'
  return status === 'running' ? 'unknown' : 'warn'
}

export function outcomeHealth(outcome: string): Health {
  return outcome === 'loaded' ? 'ok' : outcome === 'held' ? 'bad' : 'unknown'
}

export function severityHealth(severity: string): Health {
  return severity === 'critical' || severity === 'error' ? 'bad' : severity === 'warning' ? 'warn' : 'unknown'
}
