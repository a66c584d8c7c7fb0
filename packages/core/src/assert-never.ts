/** Marks a branch that the type checker has proved unreachable. Throws if it is reached all the same. */
export function assertNever(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`)
}
