import { TidegateError, codeOf, messageOf } from '@tidegate/core'

/** Starts a listener; returns its port. @throws {TidegateError} `SERVER_PORT_TAKEN`, `SERVER_PORT_DENIED`, `SERVER_LISTEN` */
export async function listen(start: () => Promise<string>, wanted: number): Promise<number> {
  try {
    return Number(new URL(await start()).port || 80)
  } catch (error) {
    const code = codeOf(error)
    if (code === 'EADDRINUSE')
      throw new TidegateError('SERVER_PORT_TAKEN', `another program listens on port ${wanted} already`, {
        hint: 'Name another one with --port (0: any free one), or end that program.',
        cause: error,
      })
    if (code === 'EACCES')
      throw new TidegateError('SERVER_PORT_DENIED', `this user may not listen on port ${wanted}`, {
        hint: 'Name one above 1023 with --port.',
        cause: error,
      })
    throw new TidegateError('SERVER_LISTEN', `the server could not start: ${messageOf(error)}`, {
      hint: 'See that --host is an address of this machine: 127.0.0.1, 0.0.0.0 for all of them, or a name of one.',
      cause: error,
    })
  }
}
