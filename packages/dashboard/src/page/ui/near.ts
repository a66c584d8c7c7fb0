/** What is far below the window is not drawn before somebody comes near; on paper everything is. */

const MARGIN = '400px'

const waiting = new Map<Element, () => void>()
let observer: IntersectionObserver | undefined

/** Calls once, when the element is in or near the window. Returns what calls it off. */
export function whenNear(element: Element, call: () => void): () => void {
  observer ??= open()
  waiting.set(element, call)
  observer.observe(element)
  return () => {
    waiting.delete(element)
    observer?.unobserve(element)
  }
}

function open(): IntersectionObserver {
  addEventListener('beforeprint', () => {
    for (const [element] of waiting) arrive(element)
  })
  return new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) if (isIntersecting) arrive(target)
    },
    { rootMargin: MARGIN },
  )
}

function arrive(element: Element): void {
  const call = waiting.get(element)
  waiting.delete(element)
  observer?.unobserve(element)
  call?.()
}
