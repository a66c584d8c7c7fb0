import { RequestProblem } from '../http/problem.ts'

/** Strong: a version of a resource. */
export function etagOf(version: number): string {
  return `"v${version}"`
}

/**
 * The version that `If-Match` asks for; undefined where it asks for none or, with `*`, for any.
 * @throws {RequestProblem} 412 where it is none of ours (a weak one never matches), 400 where there are several
 */
export function readIfMatch(header: string | undefined): number | undefined {
  if (header === undefined || header.trim() === '*') return undefined
  if (header.includes(','))
    throw new RequestProblem(400, 'HTTP_PARAMETER', 'The header "If-Match" takes one ETag.', {
      errors: [{ path: 'header.if-match', message: 'takes one ETag' }],
    })
  const [, version] = /^\s*"v(\d{1,15})"\s*$/.exec(header) ?? []
  if (version === undefined) throw preconditionFailed()
  return Number(version)
}

/** For handlers: what they were asked to change is another version by now. */
export function preconditionFailed(): RequestProblem {
  return new RequestProblem(412, 'HTTP_PRECONDITION', 'It was changed since you read it.', {
    hint: 'Read it again, apply your change to what it is now, and send its ETag in If-Match.',
    dataNow: 'Nothing was changed.',
  })
}

/** Whether `If-None-Match` knows it already. Compared weakly, as reading asks for. */
export function isKnown(header: string | undefined, etag: string): boolean {
  return header?.split(',').some((one) => [etag, '*'].includes(one.trim().replace(/^W\//, ''))) ?? false
}
