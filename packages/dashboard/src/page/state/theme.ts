/** Light, dark, or as the system says. Kept in this browser; the attribute is set before the first paint. */
import { computed, effect, signal } from '@preact/signals'

export type ThemeChoice = 'auto' | 'light' | 'dark'

const KEY = 'tidegate-theme'
const prefersDark = matchMedia('(prefers-color-scheme: dark)')
const systemDark = signal(prefersDark.matches)
prefersDark.addEventListener('change', ({ matches }) => (systemDark.value = matches))

export const themeChoice = signal<ThemeChoice>(storedChoice())
export const theme = computed<'light' | 'dark'>(() => {
  if (themeChoice.value !== 'auto') return themeChoice.value
  return systemDark.value ? 'dark' : 'light'
})

const calm = matchMedia('(prefers-reduced-motion: reduce)')
export const reducedMotion = signal(calm.matches)
calm.addEventListener('change', ({ matches }) => (reducedMotion.value = matches))

effect(() => {
  document.documentElement.dataset['theme'] = theme.value
})

export function chooseTheme(choice: ThemeChoice): void {
  themeChoice.value = choice
  try {
    if (choice === 'auto') localStorage.removeItem(KEY)
    else localStorage.setItem(KEY, choice)
  } catch {
    // A browser that keeps nothing still shows the theme.
  }
}

function storedChoice(): ThemeChoice {
  try {
    const stored = localStorage.getItem(KEY)
    return stored === 'light' || stored === 'dark' ? stored : 'auto'
  } catch {
    return 'auto'
  }
}
