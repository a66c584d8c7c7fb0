import { writeFile } from 'node:fs/promises'
import { TidegateError } from '@tidegate/core'
import { expect, test } from 'vitest'
import { withFolderErrors } from './durable.ts'

const failing = (error: unknown) => withFolderErrors('Nothing was committed.', () => Promise.reject(error))

test.skipIf(process.platform !== 'linux')('a full disk says what it means for the data', async () => {
  const write = withFolderErrors('Nothing was committed.', () => writeFile('/dev/full', 'x'))
  await expect(write).rejects.toMatchObject({ code: 'DISK_FULL', dataNow: 'Nothing was committed.', retryable: true })
})

test('denied, broken and busy file systems have codes; other failures pass as they are', async () => {
  const failure = (code: string) => Object.assign(new Error(code), { code })
  await expect(failing(failure('EDQUOT'))).rejects.toMatchObject({ code: 'DISK_FULL' })
  await expect(failing(failure('EROFS'))).rejects.toMatchObject({ code: 'WRITE_DENIED' })
  await expect(failing(failure('EIO'))).rejects.toMatchObject({ code: 'TARGET_IO', retryable: false })
  await expect(failing(failure('EMFILE'))).rejects.toMatchObject({ code: 'TARGET_IO', retryable: true })
  const typed = new TidegateError('LEDGER_CORRUPT', 'x')
  await expect(failing(typed)).rejects.toBe(typed)
  const bug = new TypeError('x is not a function')
  await expect(failing(bug)).rejects.toBe(bug)
})
