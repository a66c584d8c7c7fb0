/** Charts below the fold wait their turn, one at a time, so that a page answers before all of it is drawn. */

const waiting = new Set<() => void>()
let running = false

/** Does it when the browser has time. Returns what calls it off. */
export function drawLater(draw: () => void): () => void {
  waiting.add(draw)
  if (!running) {
    running = true
    setTimeout(next, 30)
  }
  return () => waiting.delete(draw)
}

function next(): void {
  const [draw] = waiting
  if (draw === undefined) {
    running = false
    return
  }
  waiting.delete(draw)
  draw()
  setTimeout(next, 10)
}
