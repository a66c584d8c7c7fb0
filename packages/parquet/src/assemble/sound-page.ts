import type { LeafColumn } from '../footer.ts'
import { PHYSICAL } from '../pages/value-spec.ts'
import type { Page } from '../pages/page.ts'
import type { PageFits } from './page-fits.ts'

const TYPES = [PHYSICAL.INT64, PHYSICAL.INT32, PHYSICAL.BYTE_ARRAY, PHYSICAL.BOOLEAN, PHYSICAL.INT96] as const

/**
 * Whether a page is one of a flat column of some type: such a page is not damaged, it stands where its column is not
 * expected. Types of one width (floats, say) are told by their integer. Of data pages that refer to a dictionary only the
 * form is looked at.
 */
export async function isSoundPage(
  page: Page,
  fits: PageFits,
  codecsOf: (page: Page) => Promise<readonly number[]>,
): Promise<boolean> {
  // Of an empty page nothing can be told.
  if (page.values === 0) return false
  for (const codec of await codecsOf(page))
    for (const physicalType of TYPES)
      for (const maxDefinitionLevel of page.kind === 'dictionary' ? [0] : [1, 0]) {
        const request = { page, leaf: anyLeaf(physicalType, maxDefinitionLevel), codec, dictionary: undefined }
        const answer = fits.known(request) ?? (await fits.check(request))
        if (answer.kind === 'fits') return true
        if (answer.isFolded === true) break
      }
  return false
}

function anyLeaf(physicalType: number, maxDefinitionLevel: number): LeafColumn {
  return {
    path: ['any'],
    physicalType,
    typeLength: undefined,
    maxDefinitionLevel,
    maxRepetitionLevel: 0,
    illegalType: undefined,
  }
}
