import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { staysWrong } from './stays-wrong.ts'

const ROOT = path.join(import.meta.dirname, '../../../..')

test('no job is given up at once for an error that is thrown as one that another try may mend', () => {
  const codes = filesBelow('packages').flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('new TidegateError(')
      .slice(1)
      .flatMap((thrown) => (/\bretryable: true\b/.test(thrown) ? [/^\s*'([A-Z_]+)'/.exec(thrown)?.[1] ?? ''] : [])),
  )
  expect(codes.length).toBeGreaterThan(20)
  expect(codes.filter((code) => staysWrong(code))).toEqual([])
})

test('no job is given up at once where the advice is to run again', () => {
  const advised = filesBelow('apps/cli/src/error-codes').flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/^ {2}([A-Z_]+): \[([^\]]*)\]/gm)].flatMap(([, code = '', texts = '']) =>
      /['"](?:Run again|Free some space|Free space|Look at the disk, then run again)/.test(texts) ? [code] : [],
    ),
  )
  expect(advised).toContain('LEDGER_CONFLICT')
  expect(advised.filter((code) => staysWrong(code))).toEqual([])
})

function filesBelow(folder: string): readonly string[] {
  const top = path.join(ROOT, folder)
  const roots = folder === 'packages' ? readdirSync(top).map((name) => path.join(top, name, 'src')) : [top]
  return roots.flatMap((root) =>
    readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .map((file) => path.join(root, file)),
  )
}
