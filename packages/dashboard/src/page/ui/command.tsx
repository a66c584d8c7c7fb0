import { useState } from 'preact/hooks'
import type { JSX } from 'preact'
import { announce } from '../state/app.ts'

/** A command for the terminal, ready to be copied. */
export function Command({ text }: { text: string }): JSX.Element {
  const [copied, setCopied] = useState(false)
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text)
      setCopied(true)
      announce('Command copied')
      setTimeout(() => setCopied(false), 2000)
    } catch {
      announce('The browser does not let this page copy; select the command instead')
    }
  }
  return (
    <span class="command">
      <code tabIndex={0} role="group" aria-label="Command">
        {text}
      </code>
      <button type="button" onClick={() => void copy()} aria-label={`Copy command ${text.slice(0, 80)}`}>
        {copied ? 'Copied' : 'Copy'}
      </button>
    </span>
  )
}
