import { assertNever } from '@tidegate/core'
import type { ValueTest } from './value-test.ts'

/** True where the text passes. */
export type PreparedTest = (text: string) => boolean

/** Makes a test ready to be asked. What a kind needs is loaded only for it. @throws whatever makes the test unusable */
export async function prepareTest(test: ValueTest): Promise<PreparedTest> {
  switch (test.kind) {
    case 'regex': {
      const pattern = new RegExp(test.source, test.flags)
      return (text) => pattern.test(text)
    }
    case 'strftime': {
      const { prepareStrptime } = await import('./strptime.ts')
      const format = prepareStrptime(test.format)
      if (format.kind === 'problem') throw new Error(format.message)
      return format.accepts
    }
    case 'dateutil':
      return (await import('./dateutil.ts')).isDateutilParseable
    case 'json':
      return (await import('./python-json.ts')).isJsonParseable
    case 'json-schema':
      return (await import('./json-schema.ts')).prepareJsonSchema(test.schema)
    case 'module':
      return (await import('./module-test.ts')).prepareModuleTest(test)
    default:
      return assertNever(test)
  }
}
