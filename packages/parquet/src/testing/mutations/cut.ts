/** The end of the file is missing. */
import { nodesAt } from '../thrift-tree.ts'
import { footerTree } from '../footer-tree.ts'
import type { PageMap } from '../layout.ts'
import { pagesOf } from '../page-damage.ts'
import { expected, LOSSLESS, type Change, type Expected, type Mutation, type MutationInput } from '../mutation.ts'
import { pageRange } from '../physically-intact.ts'
import type { SeededRandom } from '../seeded-random.ts'
import type { SoundFile } from '../sound-file.ts'
import type { ByteRange } from '../splices.ts'

export const CUT_MUTATIONS: readonly Mutation[] = [
  cut('cut-at-page-boundary', ({ file, random }) => pageOf(file, random)?.header[0]),
  cut('cut-inside-header', ({ file, random }) => inside(pageOf(file, random)?.header, random)),
  cut('cut-inside-payload', ({ file, random }) => inside(pageOf(file, random)?.body, random)),
  cut('cut-after-last-page', ({ file }) => file.layout.data[1]),
  cut('cut-inside-column-index', ({ file, random }) => inside(random.pick(file.layout.columnIndexes), random)),
  cut('cut-inside-offset-index', ({ file, random }) => inside(random.pick(file.layout.offsetIndexes), random)),
  cut('cut-inside-bloom', ({ file, random }) => inside(random.pick(file.layout.bloomFilters), random)),
  ...[25, 50, 75, 99].map((percent) =>
    cut(`cut-at-${percent}-percent`, ({ file }) => Math.floor((file.bytes.length * percent) / 100)),
  ),
  cut('cut-anywhere', ({ file, random }) => 12 + random.below(file.bytes.length - 12)),
]

function cut(kind: string, place: (input: MutationInput) => number | undefined): Mutation {
  const apply = (input: MutationInput): Change | undefined => {
    const offset = place(input)
    return offset === undefined ? undefined : cutAt(input.file, offset)
  }
  return { family: 'cut', kind, apply }
}

/** What is known after everything from `offset` on is gone. */
export function cutAt(file: SoundFile, offset: number): Change {
  const splice = { offset, length: file.bytes.length - offset, bytes: new Uint8Array() }
  return { kind: 'splices', splices: [splice], expected: expectedOfCut(file, offset) }
}

function expectedOfCut(file: SoundFile, offset: number): Expected {
  const { layout } = file
  if (offset < 12) return expected([['PQ102']], { verdicts: ['unrecoverable'] })
  if (offset > layout.tailMagic[0])
    return expected([['PQ106']], {
      verdicts: LOSSLESS,
      evidence: { PQ106: { missingBytes: layout.sizeBytes - offset } },
    })
  const isNothingLeft = pagesOf(layout).every((page) => page.kind === 'dictionary' || pageRange(page)[1] > offset)
  const verdicts = [
    'repairable-lossless',
    'repairable-lossy',
    ...(isNothingLeft ? (['unrecoverable'] as const) : []),
  ] as const
  if (offset >= layout.footer[1]) return expected([['PQ105']], { may: ['PQ202'], verdicts })
  if (offset <= layout.footer[0]) return expected([['PQ201']], { may: ['PQ105'], verdicts })
  const root = footerTree(file)
  const schemaSurvives = nodesAt(root, [2]).every(({ end }) => end <= offset)
  if (!schemaSurvives) return expected([['PQ201', 'PQ202']], { may: ['PQ105'], verdicts })
  const rowGroups = nodesAt(root, [4, '*']).filter(({ end }) => end <= offset).length
  return expected([['PQ202']], {
    may: ['PQ105'],
    verdicts,
    evidence: { PQ202: { schemaSurvives: true, rowGroups } },
  })
}

function pageOf({ layout }: SoundFile, random: SeededRandom): PageMap | undefined {
  const chunk = random.pick(random.pick(layout.rowGroups)?.chunks ?? [])
  const pages = (chunk?.pages ?? []).filter((page) => pageRange(page)[1] > 16)
  return random.pick(pages)
}

/** An offset with bytes of the range on both sides. */
function inside(range: ByteRange | undefined, random: SeededRandom): number | undefined {
  if (range === undefined || range[1] - range[0] < 2) return undefined
  return range[0] + 1 + random.below(range[1] - range[0] - 1)
}
