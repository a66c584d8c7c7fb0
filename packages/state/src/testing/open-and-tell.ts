// Opens the state database named by the first argument, to `read` or to `write`, and prints `opened` or the error's code.
import { codeOf } from '@tidegate/core'
import { openState } from '../index.ts'

const [path = '', how] = process.argv.slice(2)
try {
  const state = await openState({ path, nowMs: () => 0, readOnly: how === 'read' })
  await state.listFiles()
  await state.close()
  process.stdout.write('opened')
} catch (error) {
  process.stdout.write(codeOf(error) ?? String(error))
}
