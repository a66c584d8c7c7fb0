import { address, go, hrefOf } from '../state/app.ts'
import { PAGES } from '../state/address.ts'
import { chooseTheme, themeChoice } from '../state/theme.ts'

/** Single keys, outside of fields. Returns what takes them away again. */
export function listenToKeys(onHelp: () => void): () => void {
  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) {
      if ((event.ctrlKey || event.metaKey) && event.key === 'k') focusSearch(event)
      return
    }
    const page = /^[1-9]$/.test(event.key) ? PAGES[Number(event.key) - 1] : undefined
    if (page !== undefined && page !== address.value.page) go(hrefOf(page))
    else if (event.key === '?') onHelp()
    else if (event.key === '/') focusSearch(event)
    else if (event.key === 't') chooseTheme(NEXT_THEME[themeChoice.value])
  }
  addEventListener('keydown', onKey)
  return () => removeEventListener('keydown', onKey)
}

const NEXT_THEME = { auto: 'light', light: 'dark', dark: 'auto' } as const

function focusSearch(event: KeyboardEvent): void {
  event.preventDefault()
  document.querySelector<HTMLInputElement>('#search')?.focus()
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(?:INPUT|SELECT|TEXTAREA)$/.test(target.tagName)) &&
    target.getAttribute('type') !== 'checkbox'
  )
}
