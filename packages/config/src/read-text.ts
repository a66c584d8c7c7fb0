import { readFile } from 'node:fs/promises'
import { assertNever, codeOf, messageOf, TidegateError } from '@tidegate/core'
import { problemAt, type Problem } from './problem.ts'

export type TextResult =
  | { readonly kind: 'ok'; readonly text: string }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] }
  | { readonly kind: 'missing' }

/** Reads a UTF-8 file, a byte order mark left out. @throws TidegateError `CONFIG_UNREADABLE` */
export async function readText(file: string): Promise<TextResult> {
  let bytes: Uint8Array
  try {
    bytes = await readFile(file)
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return { kind: 'missing' }
    throw new TidegateError('CONFIG_UNREADABLE', `${file} cannot be read: ${messageOf(error)}`, {
      hint: 'Check that it is a file and who may read it.',
      dataNow: 'Nothing was changed.',
      cause: error,
    })
  }
  const text = decode(bytes)
  if (text !== undefined) return { kind: 'ok', text }
  const line = firstBadLine(bytes)
  const place = { source: { file, lines: [] }, line, column: 1, endColumn: 2 }
  const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)
  return {
    kind: 'problems',
    problems: [
      problemAt(place, 'CONFIG_SYNTAX', utf16 ? 'the file is UTF-16, not UTF-8' : 'the file is not UTF-8', {
        hint: 'Save it as UTF-8.',
      }),
    ],
  }
}

/** Reads a file and parses its text; problems of the text itself come before those of the parser. */
export async function readParsed<Result>(
  file: string,
  parse: (text: string, file: string) => Result,
): Promise<Result | Extract<TextResult, { kind: 'problems' }> | { readonly kind: 'missing'; readonly file: string }> {
  const text = await readText(file)
  switch (text.kind) {
    case 'missing':
      return { kind: 'missing', file }
    case 'problems':
      return text
    case 'ok':
      return parse(text.text, file)
    default:
      return assertNever(text)
  }
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function firstBadLine(bytes: Uint8Array): number {
  let line = 1
  let start = 0
  for (;;) {
    const newline = bytes.indexOf(0x0a, start)
    const end = newline < 0 ? bytes.length : newline
    if (decode(bytes.subarray(start, end)) === undefined || newline < 0) return line
    line += 1
    start = newline + 1
  }
}
