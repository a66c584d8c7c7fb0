/** Whether a repair may answer a finding of this code: it tells of the file, and not that it is empty or something else. */
export function isWorthRepairing(code: string): boolean {
  return /^PQ[1-4]\d\d$/.test(code) && !NEVER.has(code)
}

/** Empty, too short, another format, encrypted. */
const NEVER: ReadonlySet<string> = new Set(['PQ101', 'PQ102', 'PQ103', 'PQ112', 'PQ113'])
