import type { ByteSource, Finding } from '@tidegate/core'

import { finding } from '../../finding-codes.ts'
import type { LayoutFacts } from './read-layout.ts'

/** Fewer zeros where a page should begin are damage like any other. */
const HOLE_BYTES = 512
const MAX_HOLE_BYTES = 16 * 1024 * 1024

/** In words. A start of the file that is elsewhere is for the container to tell. */
export async function layoutFindings(source: ByteSource, layout: LayoutFacts): Promise<Finding[]> {
  switch (layout.kind) {
    case 'fits':
      return []
    case 'shifted': {
      const { delta } = layout
      return [
        finding('PQ208', `All offsets in the footer are wrong by ${Math.abs(delta)} bytes.`, {
          repairable: 'lossless',
          evidence: { delta },
        }),
      ]
    }
    case 'moved': {
      const { delta, around } = layout
      const what = delta < 0 ? `${-delta} bytes are missing` : `${delta} bytes were put in`
      return [
        finding(
          'PQ115',
          `${what} somewhere between byte ${around[0]} and byte ${around[1]}; all behind them is in order.`,
          {
            repairable: 'lossy',
            where: { offset: around[0], length: around[1] - around[0] },
            evidence: { offset: around[0], delta },
          },
        ),
      ]
    }
    case 'misses':
      return [await missing(source, layout)]
  }
}

async function missing(
  source: ByteSource,
  { first, wrong, checked }: Extract<LayoutFacts, { kind: 'misses' }>,
): Promise<Finding> {
  const { chunk, rowGroup } = first
  const column = chunk.path.join('.')
  const zeros = await zerosAt(source, chunk.start)
  const evidence = { checkedChunks: checked, wrongChunks: wrong }
  if (zeros >= HOLE_BYTES)
    return finding(
      'PQ114',
      `${zeros} bytes from byte ${chunk.start} on are zero; column ${column} should begin there.`,
      {
        repairable: 'lossy',
        where: { offset: chunk.start, length: zeros, rowGroup, column },
        evidence: { ...evidence, ranges: [[chunk.start, chunk.start + zeros]] },
      },
    )
  return finding('PQ301', `There is no page at byte ${chunk.start}, where column ${column} should begin.`, {
    repairable: 'lossy',
    where: { offset: chunk.start, column },
    evidence,
  })
}

async function zerosAt(source: ByteSource, start: number): Promise<number> {
  if (start < 0 || start >= source.sizeBytes) return 0
  for (const length of [HOLE_BYTES, MAX_HOLE_BYTES]) {
    const bytes = await source.read(start, Math.min(length, source.sizeBytes - start))
    const end = bytes.findIndex((byte) => byte !== 0)
    if (end >= 0 || bytes.length < length) return end < 0 ? bytes.length : end
  }
  return MAX_HOLE_BYTES
}
