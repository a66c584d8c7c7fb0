import type { Facts } from './facts.ts'

/** Nobody changes facts, so what was worked out of them is kept as long as they are: fifteen views ask for the same. */
export function oncePerFacts<Result>(make: (facts: Facts) => Result): (facts: Facts) => Result {
  const known = new WeakMap<Facts, { readonly result: Result }>()
  return (facts) => {
    let entry = known.get(facts)
    if (entry === undefined) {
      entry = { result: make(facts) }
      known.set(facts, entry)
    }
    return entry.result
  }
}
