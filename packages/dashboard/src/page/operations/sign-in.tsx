import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { signIn } from './api.ts'

/** Asked for where the server wants to know who reads. */
export function SignIn(): JSX.Element {
  const [problem, setProblem] = useState<string | undefined>(undefined)
  const submit = async (event: SubmitEvent & { readonly currentTarget: HTMLFormElement }): Promise<void> => {
    event.preventDefault()
    const token = new FormData(event.currentTarget).get('token')
    try {
      await signIn(typeof token === 'string' ? token.trim() : '')
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error))
    }
  }
  return (
    <section class="card" aria-label="Sign in">
      <h1>Sign in</h1>
      <p class="muted">
        This server wants a token. Whoever runs it makes one with{' '}
        <code>tidegate token create --name NAME --scope read</code>.
      </p>
      <form class="chips" onSubmit={(event) => void submit(event)}>
        <label class="field">
          Token
          <input name="token" type="password" required autocomplete="current-password" />
        </label>
        <button type="submit">Sign in</button>
      </form>
      {problem === undefined ? null : (
        <p class="notice" role="alert">
          {problem}
        </p>
      )}
    </section>
  )
}
