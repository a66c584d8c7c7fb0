// Exit code 0 while the daemon of this container is alive. Read by the image's HEALTHCHECK.
const port = process.env.TIDEGATE_PORT ?? '4300'
try {
  const answer = await fetch(`http://127.0.0.1:${port}/livez`, { signal: AbortSignal.timeout(4000) })
  process.exitCode = answer.ok ? 0 : 1
} catch {
  process.exitCode = 1
}
