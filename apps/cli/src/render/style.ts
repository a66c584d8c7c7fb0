import { styleText } from 'node:util'

/** Colours and weights by meaning. Every function returns its text unchanged where colours are off. */
export interface Style {
  readonly enabled: boolean
  readonly ok: (text: string) => string
  readonly warn: (text: string) => string
  readonly bad: (text: string) => string
  readonly dim: (text: string) => string
  readonly bold: (text: string) => string
  readonly heading: (text: string) => string
}

export interface StyleOptions {
  /** What `--color` and `--no-color` said; wins over everything. */
  readonly color?: boolean | undefined
  /** @defaultValue process.env */
  readonly env?: Readonly<Record<string, string | undefined>>
}

/** A style for what is written to `stream`. */
export function createStyle(stream: { readonly isTTY?: boolean | undefined }, options: StyleOptions = {}): Style {
  const enabled = wantsColor(stream, options)
  const paint =
    (format: Parameters<typeof styleText>[0]) =>
    (text: string): string =>
      enabled ? styleText(format, text, { validateStream: false }) : text
  return {
    enabled,
    ok: paint('green'),
    warn: paint('yellow'),
    bad: paint('red'),
    dim: paint('dim'),
    bold: paint('bold'),
    heading: paint(['bold', 'underline']),
  }
}

/** A style that never colours. */
export const plainStyle: Style = createStyle({ isTTY: false }, { env: {} })

/** `--color` over NO_COLOR over FORCE_COLOR over TERM=dumb over whether it is a terminal. */
function wantsColor(stream: { readonly isTTY?: boolean | undefined }, options: StyleOptions): boolean {
  const env = options.env ?? process.env
  if (options.color !== undefined) return options.color
  if ((env['NO_COLOR'] ?? '') !== '') return false
  const force = env['FORCE_COLOR']
  if (force !== undefined) return force !== '0' && force !== 'false'
  if (env['TERM'] === 'dumb') return false
  return stream.isTTY === true
}
