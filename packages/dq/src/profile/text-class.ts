/** Kinds of text that a pattern can tell. The patterns mean the same to RE2, Java and JavaScript. */
export type TextClass =
  | 'uuid'
  | 'email'
  | 'url'
  | 'ip'
  | 'iso date'
  | 'iso timestamp'
  | 'iban'
  | 'phone'
  | 'digits'
  | 'upper-case letters'

/**
 * The patterns, the more telling ones first: a column belongs to the first class that fits enough of its values.
 * `phone` asks for a plus sign or for separators, because ten bare digits are more often a number of something else.
 */
export const TEXT_CLASSES: readonly { readonly name: TextClass; readonly pattern: string }[] = [
  { name: 'uuid', pattern: '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$' },
  { name: 'email', pattern: '^[^@\\s]+@[^@\\s]+\\.[^@\\s.]+$' },
  { name: 'url', pattern: '^[a-zA-Z][a-zA-Z0-9+.-]*://[^\\s]+$' },
  {
    name: 'ip',
    pattern: '^([0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}|[0-9a-fA-F]{0,4}(:[0-9a-fA-F]{0,4}){2,7})$',
  },
  { name: 'iso date', pattern: '^[0-9]{4}-[01][0-9]-[0-3][0-9]$' },
  {
    name: 'iso timestamp',
    pattern:
      '^[0-9]{4}-[01][0-9]-[0-3][0-9][T ][0-2][0-9]:[0-5][0-9](:[0-6][0-9](\\.[0-9]+)?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?$',
  },
  { name: 'iban', pattern: '^[A-Z]{2}[0-9]{2} ?([A-Z0-9] ?){11,30}$' },
  { name: 'digits', pattern: '^[0-9]+$' },
  {
    name: 'phone',
    pattern:
      '^(\\+[ ().-]{0,2}[1-9]([ ()./-]{0,2}[0-9]){6,14}|\\(?0([ ()./-]{0,2}[0-9]){8,13}|(1[ .-])?\\(?[2-9][0-9]{2}\\)?[ .-][0-9]{3}[ .-][0-9]{4})$',
  },
  { name: 'upper-case letters', pattern: '^[A-Z]+$' },
]

/** Classes that tell something about a person. */
export const PERSONAL_CLASSES: ReadonlySet<TextClass> = new Set<TextClass>(['email', 'phone', 'iban'])

export function patternOf(name: TextClass): string {
  return TEXT_CLASSES.find((item) => item.name === name)?.pattern ?? ''
}

/** True where the text, or a word in it, looks like an e-mail address, a phone number or an IBAN. */
export function looksPersonal(text: string): boolean {
  if (/[^@\s]@[^@\s]+\.[^@\s.]/.test(text)) return true
  const trimmed = text.trim()
  const first = TEXT_CLASSES.find((item) => new RegExp(item.pattern).test(trimmed))
  return first !== undefined && PERSONAL_CLASSES.has(first.name)
}
