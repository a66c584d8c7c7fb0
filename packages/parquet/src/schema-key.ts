import type { ThriftValue } from './read-thrift.ts'

/** The schema elements of a footer as text: equal texts, equal schemas. Fields that we do not know count, too. */
export function schemaKey(elements: readonly ThriftValue[]): string {
  const parts: string[] = []
  for (const element of elements) write(element, parts)
  return parts.join('')
}

function write(value: ThriftValue, into: string[]): void {
  if (typeof value !== 'object') {
    into.push(typeof value === 'boolean' ? (value ? 't' : 'f') : `${value};`)
    return
  }
  if (value instanceof Uint8Array) {
    // One character per byte, and the length first, so that no text can look like another structure.
    into.push(`${value.length}:`, Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1'))
    return
  }
  switch (value.kind) {
    case 'map':
      into.push('m')
      return
    case 'list':
      into.push('[')
      for (const item of value.items) write(item, into)
      into.push(']')
      return
    case 'struct':
      into.push('{')
      for (const [field, item] of value.fields) {
        into.push(`${field}=`)
        write(item, into)
      }
      into.push('}')
  }
}
