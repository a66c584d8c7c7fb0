/**
 * Gives every column a name of its own. The engine does not tell upper from lower case, so neither does this. An empty
 * name becomes `column_<position>` (0-based); a repeated one gets `_1`, `_2` and so on.
 */
export function uniqueNames(names: readonly string[]): string[] {
  const taken = new Set(names.map((name) => name.toLowerCase()))
  const used = new Set<string>()
  return names.map((name, index) => {
    const wanted = name.trim() === '' ? `column_${index}` : name
    if (!used.has(wanted.toLowerCase())) {
      used.add(wanted.toLowerCase())
      return wanted
    }
    for (let suffix = 1; ; suffix++) {
      const candidate = `${wanted}_${suffix}`
      if (used.has(candidate.toLowerCase()) || taken.has(candidate.toLowerCase())) continue
      used.add(candidate.toLowerCase())
      return candidate
    }
  })
}
