/** What RE2, the engine of DuckDB, does not have: look-around and back-references. */
export function re2Problem(pattern: string): string | undefined {
  const plain = pattern.replaceAll(/\\Q[\s\S]*?(?:\\E|$)/g, '').replaceAll(/\\\\/g, '')
  if (/(?<!\\)\(\?(?:[=!]|<[=!])/.test(plain)) return 'uses look-around, which this engine does not have'
  if (/\\[1-9]|\\k<|\(\?P=/.test(plain)) return 'uses a back-reference, which this engine does not have'
  return undefined
}
