/** The colours of charts, as the style sheet's tokens say them. Statuses keep their colour in every chart. */

export interface Palette {
  readonly text: string
  readonly muted: string
  readonly line: string
  readonly surface: string
  readonly sunken: string
  readonly accent: string
  readonly ok: string
  readonly warn: string
  readonly bad: string
  readonly unknown: string
  /** For series without a status, told apart by lightness as well as by hue. */
  readonly series: readonly string[]
  /** From few to many. */
  readonly heat: readonly string[]
  /** From bad to good, for scores. */
  readonly score: readonly string[]
}

export type Tone = 'accent' | 'ok' | 'warn' | 'bad' | 'unknown'

export const PALETTES: Readonly<Record<'light' | 'dark', Palette>> = {
  light: {
    text: '#18212c',
    muted: '#525e6d',
    line: '#dde2e8',
    surface: '#ffffff',
    sunken: '#eef1f4',
    accent: '#0b6680',
    ok: '#2c8f60',
    warn: '#c07d0a',
    bad: '#c4372d',
    unknown: '#7a8694',
    series: ['#0b6680', '#c9722b', '#6757c4', '#2c8f60', '#a8447a', '#7a8694'],
    heat: ['#fbe9e4', '#f0b3a4', '#dd6e5b', '#b3261e', '#741510'],
    score: ['#b3261e', '#d9822b', '#d6b656', '#6fae7f', '#1f7d54'],
  },
  dark: {
    text: '#e6ebf1',
    muted: '#a3afbd',
    line: '#2b3641',
    surface: '#171e26',
    sunken: '#1f2832',
    accent: '#62c6de',
    ok: '#58c98f',
    warn: '#e5b04f',
    bad: '#ff8a7c',
    unknown: '#8d99a8',
    series: ['#62c6de', '#e8a262', '#a99df2', '#58c98f', '#e58fb8', '#8d99a8'],
    heat: ['#3a2422', '#6d322c', '#a5463c', '#dd6657', '#ffb0a6'],
    score: ['#ff8a7c', '#e5964f', '#d9bf6a', '#86c79a', '#58c98f'],
  },
}

export function toneColour(palette: Palette, tone: Tone): string {
  return palette[tone]
}

/** Text on an area of this colour. */
export function inkOn(colour: string): string {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16))
  return red * 0.299 + green * 0.587 + blue * 0.114 > 140 ? '#10161d' : '#ffffff'
}
