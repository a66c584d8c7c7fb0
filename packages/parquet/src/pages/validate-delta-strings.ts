import type { PageLeaf } from './decode-levels.ts'
import { readDeltaLengths, scanDelta } from './delta.ts'
import { fault, pageFinding, type PageFinding } from './page-finding.ts'
import { isContinuation, isUtf8Range } from './utf8.ts'
import {
  cutValue,
  damaged,
  isEndless,
  PHYSICAL,
  restIs,
  SOUND,
  tooMany,
  wrongCount,
  type ValuesOutcome,
  type ValueSpec,
} from './value-spec.ts'

/**
 * DELTA_BYTE_ARRAY: how much each value shares with the one before, the lengths of the rest, the rest. Values are not put
 * together (a few bytes can share a megabyte a million times over): one buffer holds the latest, and only what is new in it
 * is looked at. Never throws.
 */
export function validateDeltaStrings(
  bytes: Uint8Array,
  leaf: PageLeaf,
  spec: ValueSpec,
  isText: boolean,
): ValuesOutcome {
  if (spec.nonNull === 0 && bytes.length === spec.from) return SOUND
  const prefixShape = scanDelta(bytes, spec.from, 32)
  if (prefixShape.kind === 'bad') return damaged(prefixShape.reason)
  const suffixShape = scanDelta(bytes, prefixShape.end, 32)
  if (suffixShape.kind === 'bad') return damaged(suffixShape.reason)
  if (prefixShape.count !== spec.nonNull) return wrongCount(prefixShape.count, spec)
  if (suffixShape.count !== spec.nonNull) return wrongCount(suffixShape.count, spec)
  if (isEndless(spec.nonNull, bytes.length)) return tooMany(spec)
  const prefixes = readDeltaLengths(bytes, spec.from)
  const suffixes = readDeltaLengths(bytes, prefixShape.end)
  if (typeof prefixes === 'string') return damaged(prefixes)
  if (typeof suffixes === 'string') return damaged(suffixes)
  const fixed = leaf.physicalType === PHYSICAL.FIXED_LEN_BYTE_ARRAY ? leaf.typeLength : undefined
  const text = isText ? openText() : undefined
  let at = suffixShape.end
  let previous = 0
  let wrong: PageFinding | undefined
  for (let index = 0; index < spec.nonNull; index++) {
    const prefix = prefixes.next()
    const suffix = suffixes.next()
    if (prefix < 0 || prefix > previous)
      return fault('PQ310', `Value ${index} shares ${prefix} bytes with one of ${previous}.`, { value: index })
    if (suffix < 0 || suffix > bytes.length - at) return cutValue(index, spec)
    previous = prefix + suffix
    if (fixed !== undefined && previous !== fixed)
      return fault('PQ310', `Value ${index} has ${previous} bytes instead of ${fixed}.`, { value: index })
    if (wrong === undefined && text?.append(prefix, bytes, at, suffix) === false) wrong = firstInvalid(index)
    at += suffix
  }
  const outcome = restIs(bytes.length - at, spec)
  return wrong === undefined || outcome.kind === 'fault'
    ? outcome
    : { kind: 'ok', findings: [...outcome.findings, wrong] }
}

/** What builds on an invalid value is not counted. */
function firstInvalid(index: number): PageFinding {
  const evidence = { count: 1, atLeast: true, firstValue: index }
  return pageFinding('PQ401', `Value ${index} of the page is not UTF-8; later ones may be too.`, evidence, 'warn')
}

/** The latest value. `append` answers whether it is UTF-8, given that the one before was. */
function openText(): { append(prefix: number, bytes: Uint8Array, from: number, length: number): boolean } {
  let current = Buffer.allocUnsafe(256)
  return {
    append(prefix, bytes, from, length) {
      const end = prefix + length
      if (end > current.length) {
        const larger = Buffer.allocUnsafe(end * 2)
        current.copy(larger, 0, 0, prefix)
        current = larger
      }
      current.set(bytes.subarray(from, from + length), prefix)
      // The shared part may end inside of a character: back to where that begins.
      let start = Math.max(0, prefix - 1)
      while (start > 0 && prefix - start < 4 && isContinuation(current[start])) start--
      return isUtf8Range(current, start, end)
    },
  }
}
