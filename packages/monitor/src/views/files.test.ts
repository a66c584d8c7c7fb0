import { expect, test } from 'vitest'
import { aFile, aSource, DAY, factsOf, NOW } from '../testing/facts-builder.ts'
import type { FileNode } from './files-view.ts'
import { files } from './files.ts'

const context = { nowMs: NOW, config: [aSource()] }

/** Names with files and rows, indented by depth. */
function outline(node: FileNode, depth = 0): readonly string[] {
  const line = `${'  '.repeat(depth)}${node.kind} ${node.name}: ${node.files}, ${node.rowsRead}`
  return [line, ...node.children.flatMap((child) => outline(child, depth + 1))]
}

test('the tree goes from sources over folders to files, and every node sums what is below it', async () => {
  const facts = await factsOf({
    files: [
      aFile({ path: 'a.csv', rowsRead: 1 }),
      aFile({ path: 'x/b.csv', rowsRead: 10, score: 50 }),
      aFile({ path: 'x/y/c.csv', rowsRead: 100, outcome: 'held' }),
      aFile({ source: 'orders', path: 'd.csv', rowsRead: 1000 }),
    ],
  })
  const view = files(facts, context)
  expect(outline(view.tree)).toEqual([
    'root all sources: 4, 1111',
    '  source flights: 3, 111',
    '    folder x: 2, 110',
    '      folder y: 1, 100',
    '        file c.csv: 1, 100',
    '      file b.csv: 1, 10',
    '    file a.csv: 1, 1',
    '  source orders: 1, 1000',
    '    file d.csv: 1, 1000',
  ])
  expect(view.tree.children[0]?.children[0]).toMatchObject({ score: 75, scoreMin: 50, held: 1, path: 'x' })
  expect(view.cuts).toEqual([])
  expect(view.tree.children[0]?.children[0]?.link.params).toMatchObject({ source: 'flights', folder: 'x' })
})

test('what is not listed is in a node of its own, so that sums stay whole', async () => {
  const many = Array.from({ length: 120 }, (_, index) =>
    aFile({ path: `f/${index}.csv`, rowsRead: index, decidedAtMs: NOW - 1000 - index }),
  )
  const { tree } = files(await factsOf({ files: many }), context)
  const folder = tree.children[0]?.children[0]
  expect(folder?.children).toHaveLength(51)
  // The 50 with most rows have 70 to 119; 0 + 1 + … + 69 are left.
  expect(folder?.children.at(-1)).toMatchObject({ kind: 'more', name: '70 more files', files: 70, rowsRead: 2415 })
})

test('folders that the facts do not list are in a node of their own too', async () => {
  const facts = await factsOf({ files: [aFile({ path: 'a/1' }), aFile({ path: 'b/2' })] })
  const cut = { ...facts, folders: { items: facts.folders.items.slice(0, 1), total: 2 } }
  const view = files(cut, context)
  expect(view.tree.files).toBe(2)
  expect(view.tree.children[0]?.children.at(-1)).toMatchObject({ kind: 'more', files: 1 })
  expect(view.cuts).toEqual(['1 folder with few files is not in the tree'])
})

test('the tree is bounded however many folders there are', async () => {
  const many = Array.from({ length: 1500 }, (_, index) =>
    aFile({ path: `${index % 150}/${Math.floor(index / 150)}/x.csv`, decidedAtMs: NOW - 1000 - index }),
  )
  const view = files(await factsOf({ files: many }), context)
  const count = (node: FileNode): number => 1 + node.children.reduce((sum, child) => sum + count(child), 0)
  expect(count(view.tree)).toBeLessThanOrEqual(3100)
  expect(view.tree.files).toBe(1500)
  expect(view.cuts.join()).toContain('summed up')
})

test('hostile paths stay what they are, and their nodes apart', async () => {
  const paths = ['</script>/a', '../a', 'a\nb', "'; DROP", '\ud800', 'a//b']
  const { tree } = files(await factsOf({ files: paths.map((path) => aFile({ path })) }), context)
  const ids = (node: FileNode): readonly string[] => [node.id, ...node.children.flatMap((child) => ids(child))]
  expect(new Set(ids(tree)).size).toBe(ids(tree).length)
})

test('rows of files of the window only', async () => {
  const { tree } = files(
    await factsOf({ files: [aFile(), aFile({ path: 'o', decidedAtMs: NOW - 20 * DAY })] }),
    context,
  )
  expect(tree.files).toBe(1)
})
