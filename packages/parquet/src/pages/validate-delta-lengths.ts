import { isUtf8 } from 'node:buffer'

import { readDeltaLengths, scanDelta } from './delta.ts'
import { isContinuation, isUtf8Range } from './utf8.ts'
import {
  cutValue,
  damaged,
  invalidText,
  isEndless,
  restIs,
  SOUND,
  tooMany,
  wrongCount,
  type ValuesOutcome,
  type ValueSpec,
} from './value-spec.ts'

/** DELTA_LENGTH_BYTE_ARRAY: all lengths, then all bytes. Never throws. */
export function validateDeltaLengths(bytes: Uint8Array, spec: ValueSpec, isText: boolean): ValuesOutcome {
  if (spec.nonNull === 0 && bytes.length === spec.from) return SOUND
  const shape = scanDelta(bytes, spec.from, 32)
  if (shape.kind === 'bad') return damaged(shape.reason)
  if (shape.count !== spec.nonNull) return wrongCount(shape.count, spec)
  const lengths = readDeltaLengths(bytes, spec.from)
  if (typeof lengths === 'string') return damaged(lengths)
  const textAt = shape.end
  const room = bytes.length - textAt
  if (isEndless(spec.nonNull, bytes.length)) return tooMany(spec)
  const checksText = isText && room > 0 && isUtf8(bytes.subarray(textAt))
  let total = 0
  let wrong = 0
  let firstWrong = -1
  for (let index = 0; index < spec.nonNull; index++) {
    const length = lengths.next()
    if (length < 0 || length > room - total) return cutValue(index, spec)
    // When all of it is UTF-8, only a cut inside of a character can be wrong.
    const at = textAt + total
    const isWrong =
      isText &&
      length > 0 &&
      (checksText
        ? isContinuation(bytes[at]) || (total + length < room && isContinuation(bytes[at + length]))
        : !isUtf8Range(bytes, at, at + length))
    if (isWrong && wrong++ === 0) firstWrong = index
    total += length
  }
  const outcome = restIs(room - total, spec)
  return wrong === 0 || outcome.kind === 'fault'
    ? outcome
    : { kind: 'ok', findings: [...outcome.findings, invalidText(wrong, firstWrong)] }
}
