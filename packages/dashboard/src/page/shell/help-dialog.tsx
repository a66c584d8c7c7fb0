import { useEffect, useRef } from 'preact/hooks'
import type { JSX } from 'preact'

const KEYS: readonly (readonly [string, string])[] = [
  ['?', 'this help'],
  ['/', 'search'],
  ['1 … 9', 'the pages in their order'],
  ['t', 'the next theme: auto, light, dark'],
  ['Tab', 'the next link or control; every chart has a table with its numbers and links'],
  ['Ctrl + wheel', 'zoom into a time axis; the slider below it does the same'],
  ['Esc', 'close what is open'],
]

export function HelpDialog({ open, onClose }: { open: boolean; onClose: () => void }): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (open && dialog.current?.open === false) dialog.current.showModal()
    if (!open && dialog.current?.open === true) dialog.current.close()
  }, [open])
  return (
    <dialog ref={dialog} onClose={onClose} aria-labelledby="help-title">
      <h2 id="help-title">Keyboard</h2>
      <dl>
        {KEYS.map(([key, does]) => [
          <dt key={`${key}-key`}>
            <kbd>{key}</kbd>
          </dt>,
          <dd key={key}>{does}</dd>,
        ])}
      </dl>
      <p class="muted small">The address holds the whole filter: a link shows others what you see.</p>
      <p>
        <button type="button" onClick={onClose}>
          Close
        </button>
      </p>
    </dialog>
  )
}
