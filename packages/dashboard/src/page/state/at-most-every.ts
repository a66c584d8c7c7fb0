/**
 * Does the work when it is asked for: the first time at once, then at most once in a while and never beside itself. What was
 * asked meanwhile is done once, later: nothing that was asked for is forgotten.
 *
 * @param restMs - How long after the begin of a work that took so long the next may begin.
 */
export function atMostEvery(restMs: (tookMs: number) => number, work: () => Promise<void>): () => void {
  let isBusy = false
  let isAsked = false
  const turn = async (): Promise<void> => {
    isAsked = false
    const beganMs = performance.now()
    await work().catch((error: unknown) => reportError(error))
    const tookMs = performance.now() - beganMs
    setTimeout(
      () => {
        isBusy = false
        if (isAsked) ask()
      },
      Math.max(0, restMs(tookMs) - tookMs),
    )
  }
  const ask = (): void => {
    isAsked = true
    if (isBusy) return
    isBusy = true
    void turn()
  }
  return ask
}
