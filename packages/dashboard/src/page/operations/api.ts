/**
 * What the daemon's page can change. A file and `tidegate monitor --serve` offer nothing of it: their report data does not say
 * `operations`, and none of this is asked for.
 */
import { computed, signal } from '@preact/signals'
import { LoadError } from '../source/data-source.ts'
import { needsSignIn, report } from '../state/app.ts'

const SCOPES = ['read', 'run', 'write', 'admin'] as const
export type Scope = (typeof SCOPES)[number]

interface Session {
  readonly actor: string
  readonly scope: Scope
  /** Null where nobody signed in by a cookie. */
  readonly csrf: string | null
}

export const session = signal<Session | undefined>(undefined)
/** Grows when something was changed from here: lists are read anew. */
export const changes = signal(0)
export const hasOperations = computed(() => report.value?.operations === true)

/** Whether who is signed in may do it. */
export function may(scope: Scope): boolean {
  return session.value !== undefined && SCOPES.indexOf(session.value.scope) >= SCOPES.indexOf(scope)
}

/** @throws {LoadError} with what the server said */
export async function callApi(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<unknown> {
  const csrf = session.peek()?.csrf
  const headers = {
    accept: 'application/json',
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(csrf === undefined || csrf === null ? {} : { 'x-csrf-token': csrf }),
  }
  const response = await fetch(`/api/v1/${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch(() => {
    throw new LoadError('The server does not answer.')
  })
  // The session ran out, or the server began to ask for tokens.
  if (response.status === 401) needsSignIn.value = true
  if (!response.ok) throw new LoadError(await reasonOf(response))
  return response.status === 204 ? undefined : response.json()
}

/** Who asks, by cookie or because this machine needs no token. Asked for once. */
export async function readSession(): Promise<void> {
  session.value = (await callApi('GET', 'session')) as Session
}

/** Changes the token for a cookie that no script can read. The page begins anew: everything is read as whoever signed in. */
export async function signIn(token: string): Promise<void> {
  await callApi('POST', 'session', { token })
  location.reload()
}

export async function signOut(): Promise<void> {
  await callApi('DELETE', 'session')
  location.reload()
}

async function reasonOf(response: Response): Promise<string> {
  const problem: unknown = await response.json().catch(() => undefined)
  const detail =
    typeof problem === 'object' && problem !== null && 'detail' in problem && typeof problem.detail === 'string'
      ? problem.detail.slice(0, 500)
      : `The server answered ${response.status}.`
  return detail
}
