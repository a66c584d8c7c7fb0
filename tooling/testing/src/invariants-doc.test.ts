/**
 * docs/invariants.md names, for each invariant, functions and tests. A name that is in the code no more is a promise that nobody keeps.
 */
import { expect, test } from 'vitest'
import { listFiles, readText } from './workspace-files.ts'

const files = listFiles()
const code = files.filter((file) => /\.(?:ts|mjs|js)$/.test(file))

/** The points of the lists, each on one line. */
const points = readText('docs/invariants.md')
  .split(/\n(?=\s*- |\n|#)/)
  .map((point) => point.replaceAll(/\s+/g, ' ').trim())
  .filter((point) => point.startsWith('- '))

test('every file that is named is there', () => {
  const missing = points.flatMap((point) =>
    [...point.matchAll(/`((?:[\w.-]+\/)*[\w.-]+\.ts|(?:[\w-]+\/)+)`/g)]
      .map(([, name = '']) => name)
      .filter((name) => !files.some((file) => `/${file}`.includes(`/${name}`))),
  )
  expect(missing).toEqual([])
})

test('every test that is named is in its file', () => {
  const missing = points.flatMap((point) => {
    let place: readonly string[] = []
    return [...point.matchAll(/`([\w./*-]+)`|"([^"]+)"/g)].flatMap(([, file, name]) => {
      if (file !== undefined) {
        if (/(?:\.test\.ts|\.slow\.ts|\/)$/.test(file))
          place = code.filter((each) => each === file || (file.endsWith('/') && each.startsWith(file)))
        return []
      }
      return place.length === 0 || place.some((each) => holds(each, name ?? ''))
        ? []
        : [`${place[0] ?? ''}: ${name ?? ''}`]
    })
  })
  expect(missing).toEqual([])
})

test('every function that is named is somewhere in the code', () => {
  const product = code.filter((file) => !/\.(?:test|slow)\.ts$/.test(file)).map((file) => readText(file))
  const definitions = /\b(?:function\*?|const|interface|async) (?!function)(\w+)/g
  const defined = new Set(product.flatMap((text) => [...text.matchAll(definitions)].map(([, name]) => name)))
  const names = points
    .filter((point) => point.startsWith('- Kept by'))
    .flatMap((point) => [...point.matchAll(/`([a-z]+[A-Z]\w*)`/g)].map(([, name = '']) => name))
  expect(names.filter((name) => !defined.has(name))).toEqual([])
})

/** `…`, `%s` and the like in a name stand for what a table of cases fills in. */
function holds(file: string, name: string): boolean {
  const text = readText(file)
    .replaceAll('\\', '')
    .replaceAll(/'\s*\+\s*'/g, '')
    .replaceAll(/\s+/g, ' ')
  return name.split(/…|%[a-z]/).every((piece) => text.includes(piece.trim()))
}
