import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { announce } from '../state/app.ts'
import { changes, may, type Scope } from './api.ts'

type Step = { readonly kind: 'ready' | 'asked' | 'working' } | { readonly kind: 'failed'; readonly why: string }

/** A button that changes something on the server. What cannot be taken back is asked for twice. */
export function Act({
  label,
  of,
  needs,
  isGrave = false,
  lacks,
  run,
}: {
  label: string
  /** What it is done to: for who does not see where the button stands. */
  of: string
  needs: Scope
  isGrave?: boolean
  /** What has to be said before, where it is not. */
  lacks?: string | undefined
  run: () => Promise<unknown>
}): JSX.Element | null {
  const [step, setStep] = useState<Step>({ kind: 'ready' })
  if (!may(needs)) return null
  const press = async (): Promise<void> => {
    if (lacks !== undefined) return setStep({ kind: 'failed', why: lacks })
    if (isGrave && step.kind !== 'asked') return setStep({ kind: 'asked' })
    setStep({ kind: 'working' })
    try {
      await run()
      setStep({ kind: 'ready' })
      announce(`${label}: done`)
      changes.value += 1
    } catch (error) {
      setStep({ kind: 'failed', why: error instanceof Error ? error.message : String(error) })
    }
  }
  const text = step.kind === 'asked' ? `Really ${label.toLowerCase()}?` : label
  return (
    <span class="act">
      <button
        type="button"
        aria-label={`${text} ${of.slice(0, 200)}`}
        disabled={step.kind === 'working'}
        onClick={() => void press()}
        onBlur={() => {
          if (step.kind === 'asked') setStep({ kind: 'ready' })
        }}
      >
        {text}
      </button>
      {step.kind === 'failed' ? (
        <span class="small wrap" role="alert">
          {step.why}
        </span>
      ) : null}
    </span>
  )
}
