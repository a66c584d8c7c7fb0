/**
 * `500ms`, `5s`, `30m`, `1h`, `7d`, `2w`, also joined (`1h30m`) → milliseconds. Undefined for anything else: a bare number
 * has no unit, so it is not a duration.
 */
export function parseDuration(text: string): number | undefined {
  if (text.length > LONGEST || !/^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d|w))+$/.test(text)) return undefined
  let total = 0
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/g)) {
    total += Number(amount) * (DURATION_UNITS[unit ?? ''] ?? Number.NaN)
  }
  const rounded = Math.round(total)
  return Number.isSafeInteger(rounded) ? rounded : undefined
}

/** `2GB` (10⁹), `512MiB` (2²⁰), `100 kB`, `4096` (bytes) → bytes. Undefined for anything else. */
export function parseSize(text: string): number | undefined {
  const match = text.length > LONGEST ? null : /^(\d+(?:\.\d+)?) ?([kKMGTP]?i?[bB])?$/.exec(text)
  if (match === null) return undefined
  const factor = SIZE_UNITS[(match[2] ?? 'B').toLowerCase()]
  const bytes = factor === undefined ? Number.NaN : Math.round(Number(match[1]) * factor)
  return Number.isSafeInteger(bytes) ? bytes : undefined
}

const LONGEST = 60

const DURATION_UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

const SIZE_UNITS: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  pb: 1e15,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
  pib: 2 ** 50,
}
