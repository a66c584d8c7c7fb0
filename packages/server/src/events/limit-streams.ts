import { RequestProblem } from '../http/problem.ts'

/** How many event streams may be open at once. */
export interface StreamLimit {
  /** Returns what gives the place back. @throws {RequestProblem} 429 or 503 `HTTP_STREAMS` */
  take(caller: string): () => void
}

/** Each of them holds a connection and, of a run, asks the state every second. */
const PER_CALLER = 20
const IN_ALL = 500
/** Streams end when somebody closes a page: nobody can say when. */
const RETRY_SECONDS = 10

export function limitStreams(perCaller: number = PER_CALLER, inAll: number = IN_ALL): StreamLimit {
  const open = new Map<string, number>()
  let sum = 0
  return {
    take(caller) {
      const own = open.get(caller) ?? 0
      // First what the caller can do something about.
      if (own >= perCaller)
        throw tooMany(429, `One caller has at most ${perCaller} event streams open.`, 'Close some of them.')
      if (sum >= inAll) throw tooMany(503, `At most ${inAll} event streams are open at once.`, undefined)
      open.set(caller, own + 1)
      sum += 1
      let isTaken = true
      return () => {
        if (!isTaken) return
        isTaken = false
        sum -= 1
        const left = (open.get(caller) ?? 1) - 1
        if (left === 0) open.delete(caller)
        else open.set(caller, left)
      }
    },
  }
}

function tooMany(status: number, detail: string, hint: string | undefined): RequestProblem {
  return new RequestProblem(status, 'HTTP_STREAMS', detail, {
    retryAfterSeconds: RETRY_SECONDS,
    hint,
    // Ten thousand who are sent away shall not hold the connections that all others need.
    headers: { connection: 'close' },
  })
}
