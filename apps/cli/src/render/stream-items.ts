import { stringifyJson, toJson } from '@tidegate/core'
import { inert, type OutputFormat, type Payload } from './output.ts'

export interface ItemStream {
  item(item: unknown): void
  /** Ends the answer; `fields` are those of the document besides `items`. `text` is what people get. */
  end(fields: Readonly<Record<string, unknown>>, text: () => string): void
}

/**
 * Like `emit`, for answers of so many items that they are not to be held in memory: the same JSON document, the same lines,
 * written as they come. Stopped before `end`, the document is left open, so that nobody takes it for a whole one.
 */
export function streamItems(
  format: OutputFormat,
  head: Pick<Payload, 'schemaVersion' | 'kind'>,
  stdout: { write(text: string): unknown },
): ItemStream {
  let count = 0
  const open = (): void => {
    const fields = Object.entries(head).map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)},\n`)
    stdout.write(`{\n${fields.join('')}  "items": [`)
  }
  return {
    item(item) {
      if (format === 'ndjson') stdout.write(`${inert(stringifyJson(item))}\n`)
      if (format === 'json') {
        if (count === 0) open()
        stdout.write(`${count === 0 ? '\n' : ',\n'}${indented(inert(stringifyJson(toJson(item), 2)), '    ')}`)
      }
      count++
    },
    end(fields, text) {
      if (format === 'table') {
        const shown = text()
        stdout.write(shown.endsWith('\n') ? shown : `${shown}\n`)
      }
      if (format !== 'json') return
      if (count === 0) open()
      stdout.write(count === 0 ? ']' : '\n  ]')
      for (const [name, value] of Object.entries(fields))
        stdout.write(
          `,\n  ${JSON.stringify(name)}: ${indented(inert(stringifyJson(toJson(value), 2)), '  ').trimStart()}`,
        )
      stdout.write('\n}\n')
    },
  }
}

/** Newlines within JSON texts are escaped, so every line here is one of the layout. */
function indented(json: string, margin: string): string {
  return json
    .split('\n')
    .map((line) => margin + line)
    .join('\n')
}
