import {
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
  existsSync,
} from 'node:fs'
import { expect, test } from 'vitest'
import { makeTempProject, type TempProject } from '../temp-project.ts'
import { loseWrites, photograph } from './lost-writes.ts'

/** A record as the preload writes it. */
function record(project: TempProject): {
  readonly folder: string
  file(name: string): void
  names(name: string): void
} {
  const lines: string[] = []
  const add = (line: unknown): void => {
    lines.push(JSON.stringify(line))
    project.write('record/durable.ndjson', `${lines.join('\n')}\n`)
  }
  mkdirSync(project.at('record/graves'), { recursive: true })
  return {
    folder: project.at('record'),
    file(name) {
      const { ino, size } = lstatSync(project.at(name))
      add({ path: project.at(name), ino, size })
    },
    names(name) {
      const { names } = photograph([project.at(name)])
      add({ path: project.at(name), names: [...(names.get(project.at(name)) ?? [])] })
    },
  }
}

test('bytes and names that were not synced are gone, those that were are there', () => {
  using project = makeTempProject({ 'lake/old.txt': 'old' })
  const before = photograph([project.at('lake')])
  const synced = record(project)
  project.write('lake/safe.txt', 'safe')
  synced.file('lake/safe.txt')
  project.write('lake/empty.txt', 'bytes of this are lost')
  synced.names('lake')
  project.write('lake/nameless.txt', 'the name of this is lost')
  synced.file('lake/nameless.txt')
  loseWrites(before, synced.folder, 'all', 1)
  expect(readFileSync(project.at('lake/old.txt'), 'utf8')).toBe('old')
  expect(readFileSync(project.at('lake/safe.txt'), 'utf8')).toBe('safe')
  expect(readFileSync(project.at('lake/empty.txt'), 'utf8')).toBe('')
  expect(existsSync(project.at('lake/nameless.txt'))).toBe(false)
})

test('a rename whose folders were not synced is undone', () => {
  using project = makeTempProject({ 'lake/staging/part': 'rows' })
  const before = photograph([project.at('lake')])
  const synced = record(project)
  mkdirSync(project.at('lake/day=1'))
  renameSync(project.at('lake/staging/part'), project.at('lake/day=1/part.parquet'))
  loseWrites(before, synced.folder, 'all', 1)
  expect(readFileSync(project.at('lake/staging/part'), 'utf8')).toBe('rows')
  expect(existsSync(project.at('lake/day=1'))).toBe(false)
})

test('a rename of which only the old folder was synced does not lose the file', () => {
  using project = makeTempProject({ 'lake/staging/part': 'rows', 'lake/kept/x': 'x' })
  const before = photograph([project.at('lake')])
  const synced = record(project)
  renameSync(project.at('lake/staging/part'), project.at('lake/kept/part'))
  synced.names('lake/staging')
  loseWrites(before, synced.folder, 'all', 1)
  expect(readFileSync(project.at('lake/kept/part'), 'utf8')).toBe('rows')
  expect(existsSync(project.at('lake/staging/part'))).toBe(false)
})

test('a deletion that was not synced is undone', () => {
  using project = makeTempProject({ 'lake/a.txt': 'a' })
  const before = photograph([project.at('lake')])
  const synced = record(project)
  linkSync(project.at('lake/a.txt'), project.at('record/graves', String(lstatSync(project.at('lake/a.txt')).ino)))
  unlinkSync(project.at('lake/a.txt'))
  loseWrites(before, synced.folder, 'all', 1)
  expect(readFileSync(project.at('lake/a.txt'), 'utf8')).toBe('a')
})

test('drawn losses are the same for the same seed', () => {
  const play = (seed: number): string => {
    using project = makeTempProject({ 'lake/a.txt': 'a' })
    const before = photograph([project.at('lake')])
    const synced = record(project)
    for (let number = 0; number < 8; number += 1) writeFileSync(project.at(`lake/${number}.txt`), 'bytes')
    loseWrites(before, synced.folder, 'some', seed)
    return [
      ...(photograph([project.at('lake')])
        .names.get(project.at('lake'))
        ?.keys() ?? []),
    ]
      .toSorted()
      .join()
  }
  expect(play(7)).toBe(play(7))
  expect(new Set([1, 2, 3, 4].map(play)).size).toBeGreaterThan(1)
})
