/** The time, as an argument. Unix milliseconds, UTC. */
export interface Clock {
  nowMs(): number
}
