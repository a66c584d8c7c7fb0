const NAME = 'tg_session'

/** The session's secret out of the header `Cookie`. Undefined where there is none of its form. */
export function readSessionCookie(header: string | undefined): string | undefined {
  for (const part of header?.split(';') ?? []) {
    const [, value] = /^\s*tg_session=([\w-]{43})\s*$/.exec(part) ?? []
    if (value !== undefined) return value
  }
  return undefined
}

/** For `Set-Cookie`. Not readable by scripts, never sent along by other sites. */
export function sessionCookie(secret: string, maxAgeMs: number, isHttps: boolean): string {
  const seconds = Math.max(0, Math.floor(maxAgeMs / 1000))
  return `${NAME}=${secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${seconds}${isHttps ? '; Secure' : ''}`
}

/** For `Set-Cookie`: the browser forgets it. */
export function endedCookie(isHttps: boolean): string {
  return `${NAME}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0${isHttps ? '; Secure' : ''}`
}
