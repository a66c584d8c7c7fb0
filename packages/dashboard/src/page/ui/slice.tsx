import { toChildArray, type ComponentChild, type ComponentChildren, type JSX } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { inTurn } from '../state/in-turn.ts'
import { shown, ShownContext, type Shown } from '../state/shown.ts'

/**
 * Drawn when its turn comes. After a change of the filter it goes on to show what it showed, as one whole, until then; what
 * only changes in the address (a row that is opened) is shown at once.
 */
export function Slice({ children }: { children: ComponentChild }): JSX.Element | null {
  const wanted = shown.value
  const drawn = useRef<Shown | undefined>(undefined)
  const kept = useRef<ComponentChild>(null)
  const [, again] = useState(0)
  const isLate = drawn.current?.facts !== wanted?.facts
  if (!isLate) {
    drawn.current = wanted
    kept.current = children
  }
  useLayoutEffect(() => {
    if (!isLate) return undefined
    return inTurn('card', () => {
      drawn.current = shown.peek()
      again((count) => count + 1)
    })
  }, [wanted?.facts, isLate])
  if (drawn.current === undefined) return null
  return <ShownContext.Provider value={drawn.current}>{kept.current}</ShownContext.Provider>
}

/** Cards of a page, one slice each. What may be left out must leave itself out: places are told apart by their number. */
export function Grid({ children }: { children: ComponentChildren }): JSX.Element {
  return (
    <div class="grid">
      {toChildArray(children).map((child, index) => (
        <Slice key={typeof child === 'object' ? (child.key ?? index) : index}>{child}</Slice>
      ))}
    </div>
  )
}
