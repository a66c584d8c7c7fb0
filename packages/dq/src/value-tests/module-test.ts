import { pathToFileURL } from 'node:url'
import { isAbsolute } from 'node:path'
import type { PreparedTest } from './prepare-test.ts'
import type { ValueTest } from './value-test.ts'

/** A plug-in's own test: an exported function `(text, kwargs) => boolean`. @throws if there is none, or it answers anything else */
export async function prepareModuleTest(test: Extract<ValueTest, { readonly kind: 'module' }>): Promise<PreparedTest> {
  const url = isAbsolute(test.module) ? pathToFileURL(test.module).href : test.module
  const exported: unknown = ((await import(url)) as Readonly<Record<string, unknown>>)[test.export]
  if (typeof exported !== 'function')
    throw new Error(`${test.module} exports no function ${JSON.stringify(test.export)}`)
  return (text) => {
    const answer: unknown = exported(text, test.kwargs)
    if (typeof answer === 'boolean') return answer
    throw new Error(`${test.export} of ${test.module} answered ${describeAnswer(answer)}, not true or false`)
  }
}

function describeAnswer(answer: unknown): string {
  return answer instanceof Promise ? 'a promise' : (JSON.stringify(answer) ?? String(answer))
}
