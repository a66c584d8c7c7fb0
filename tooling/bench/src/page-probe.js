// Runs inside the measured page, so plain JavaScript: when it stands still, and how long a change takes to be seen.
const QUIET_MS = 300

const PATIENCE_MS = 10_000

/**
 * Does something and gives the times of the frames after the first and after the last change of the document; 0 where
 * nothing changed for `patienceMs`.
 */
async function framesOf(work, patienceMs) {
  let firstMs = 0
  let frameMs = 0
  let heardMs = 0
  let waiting = 0
  const observer = new MutationObserver(() => {
    heardMs = performance.now()
    waiting += 1
    // After the frame: what the callback of the frame posts comes when it is painted.
    requestAnimationFrame(() =>
      setTimeout(() => {
        frameMs = performance.now()
        if (firstMs === 0) firstMs = frameMs
        waiting -= 1
      }),
    )
  })
  // What is shown, without the line that is only spoken, which waits on purpose.
  observer.observe(document.querySelector('main') ?? document.body, {
    subtree: true,
    childList: true,
    attributes: true,
    characterData: true,
  })
  const startedMs = performance.now()
  work()
  const isOver = () =>
    heardMs === 0 ? performance.now() - startedMs > patienceMs : waiting === 0 && performance.now() - heardMs > QUIET_MS
  while (!isOver()) await new Promise((resolve) => setTimeout(resolve, 20))
  observer.disconnect()
  return { firstMs, lastMs: frameMs }
}

/** Found as a person finds it: by its label. */
function sourceFilter() {
  const labels = [...document.querySelectorAll('label')]
  return labels.find((label) => label.firstChild?.textContent === 'Source')?.querySelector('select')
}

globalThis.pageProbe = {
  async load() {
    const nowMs = performance.now()
    const settledMs = (await framesOf(() => {}, QUIET_MS)).lastMs || nowMs
    return { paintMs: performance.getEntriesByName('first-contentful-paint')[0].startTime, settledMs }
  },
  sources() {
    return [...(sourceFilter()?.options ?? [])].map((option) => option.value).filter((value) => value !== '')
  },
  async change({ kind, value }) {
    const startedMs = performance.now()
    const { firstMs, lastMs } = await framesOf(() => {
      if (kind === 'page') {
        const query = location.hash.indexOf('?')
        location.hash = value + (query === -1 ? '' : location.hash.slice(query))
        return
      }
      const select = sourceFilter()
      select.value = value
      select.dispatchEvent(new Event('change', { bubbles: true }))
    }, PATIENCE_MS)
    if (lastMs === 0) throw new Error(`nothing changed on the page for ${kind} ${value}`)
    return { answerMs: firstMs - startedMs, settledMs: lastMs - startedMs }
  },
}
