/** Decimal digits of every script as ASCII: Python's `int` and `float` read them alike. */
export function withAsciiDigits(text: string): string {
  return isPlain(text) ? text : text.replaceAll(/(?![0-9])\p{Nd}/gu, asciiDigit)
}

/** Nothing beyond printable ASCII, of which most texts are made. */
export function isPlain(text: string): boolean {
  return !/[^ -~]/.test(text)
}

/** Digits stand in runs of ten, from zero on. */
function asciiDigit(digit: string): string {
  const point = digit.codePointAt(0) ?? 0
  let start = point
  while (/^\p{Nd}$/u.test(String.fromCodePoint(start - 1))) start -= 1
  return String((point - start) % 10)
}
