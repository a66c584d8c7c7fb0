/**
 * What a child process says on a pipe, line by line, whatever it says: a program that prints without end, or without a line
 * break, costs neither memory nor the log. All of it is read, so that the child does not stop at a full pipe.
 */
import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'

export interface HeardLines {
  /** What was said last, also when it was not passed on any more. Null: nothing. */
  last(): string | null
}

export interface HearLimits {
  /** Of a line, in characters: what is more is cut off. @defaultValue 4000 */
  readonly longest?: number | undefined
  /** Lines that are passed on; then one that says how many were left out. @defaultValue 1000 */
  readonly most?: number | undefined
}

export function hearLines(input: Readable, onLine: (line: string) => void, limits: HearLimits = {}): HeardLines {
  const { longest = 4000, most = 1000 } = limits
  const decoder = new StringDecoder('utf8')
  let open = ''
  let last: string | null = null
  let passedOn = 0
  let leftOut = 0

  const say = (): void => {
    const line = open.endsWith('\r') ? open.slice(0, -1) : open
    open = ''
    if (line.trim() === '') return
    last = line
    if (passedOn >= most) leftOut += 1
    else {
      passedOn += 1
      onLine(line)
    }
  }
  const hear = (text: string): void => {
    let from = 0
    for (;;) {
      const end = text.indexOf('\n', from)
      const until = end < 0 ? text.length : end
      if (open.length < longest) open += text.slice(from, Math.min(until, from + longest - open.length))
      if (end < 0) return
      say()
      from = end + 1
    }
  }
  input.on('data', (chunk: Buffer) => hear(decoder.write(chunk)))
  input.once('close', () => {
    hear(decoder.end())
    say()
    if (leftOut > 0) onLine(`… ${leftOut} more lines were left out`)
  })
  return { last: () => last ?? (open === '' ? null : open) }
}
