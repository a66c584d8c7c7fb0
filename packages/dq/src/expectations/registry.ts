import { TidegateError } from '@tidegate/core'
import type { ExpectationDefinition } from './definition.ts'
import { HISTORY_EXPECTATIONS } from './history-expectations.ts'
import { REMOVED_EXPECTATIONS } from './removed.ts'
import { TEXT_EXPECTATIONS } from './text-expectations.ts'
import { VALUE_EXPECTATIONS } from './value-expectations.ts'

/** Expectations by name. */
export interface Registry {
  find(type: string): ExpectationDefinition | undefined
  /** Names of all expectations that can be evaluated. */
  readonly types: readonly string[]
  /** The same without those that Great Expectations removed, which nobody should be sent to. */
  readonly answered: readonly string[]
}

/** The built-in expectations and those of plug-ins. A plug-in cannot replace a built-in one. @throws `CHECK_PLUGIN` */
export function createRegistry(plugins: readonly ExpectationDefinition[] = []): Registry {
  const byType = new Map(BUILT_IN.map((definition) => [definition.type, definition]))
  for (const definition of plugins) {
    if (byType.has(definition.type))
      throw new TidegateError('CHECK_PLUGIN', `there is an expectation ${JSON.stringify(definition.type)} already`, {
        hint: 'Give the expectation of the plug-in a name of its own.',
      })
    byType.set(definition.type, definition)
  }
  const types = [...byType.keys()]
  return { find: (type) => byType.get(type), types, answered: types.filter((type) => !REMOVED.has(type)) }
}

const BUILT_IN: readonly ExpectationDefinition[] = [
  ...VALUE_EXPECTATIONS,
  ...TEXT_EXPECTATIONS,
  ...HISTORY_EXPECTATIONS,
]

const REMOVED: ReadonlySet<string> = new Set(REMOVED_EXPECTATIONS.map(({ type }) => type))

/** The built-in expectations. */
export const REGISTRY: Registry = createRegistry()

export function findExpectation(type: string): ExpectationDefinition | undefined {
  return REGISTRY.find(type)
}

/** Names of all built-in expectations. */
export function expectationTypes(): readonly string[] {
  return REGISTRY.types
}
