/**
 * Thrift's compact protocol as a tree that keeps types and places, and can be written back. Apart from the reader of the
 * package on purpose: what is expected of that reader must not come from it. For sound bytes only.
 */

/** [start, end) of the value's bytes; both −1 where the value was made here. */
interface Placed {
  readonly start: number
  readonly end: number
}

export type ThriftNode = Placed &
  (
    | { readonly kind: 'bool'; readonly value: boolean }
    /** `type` 3 to 6: byte, i16, i32, i64. */
    | { readonly kind: 'int'; readonly type: number; readonly value: bigint }
    | { readonly kind: 'double'; readonly bytes: Uint8Array }
    | { readonly kind: 'binary'; readonly bytes: Uint8Array }
    | { readonly kind: 'list'; readonly itemType: number; readonly items: readonly ThriftNode[] }
    | { readonly kind: 'struct'; readonly fields: readonly ThriftField[] }
  )

export interface ThriftField {
  readonly id: number
  readonly node: ThriftNode
}

/** Field numbers from the root down; a number in a list is a position, `*` all items. */
export type ThriftPath = readonly (number | '*')[]

export function readThriftTree(bytes: Uint8Array, offset: number): { readonly root: ThriftNode; readonly end: number } {
  const cursor: Cursor = { bytes, at: offset }
  const root = readStruct(cursor)
  return { root, end: cursor.at }
}

interface Cursor {
  readonly bytes: Uint8Array
  at: number
}

function readStruct(cursor: Cursor): ThriftNode {
  const start = cursor.at
  const fields: ThriftField[] = []
  let id = 0
  for (;;) {
    const header = readByte(cursor)
    if (header === 0) return { kind: 'struct', fields, start, end: cursor.at }
    const delta = header >> 4
    id = delta === 0 ? Number(unzigzag(readVarint(cursor))) : id + delta
    const type = header & 15
    fields.push({
      id,
      node: type <= 2 ? placed(cursor.at, cursor, { kind: 'bool', value: type === 1 }) : read(cursor, type),
    })
  }
}

function read(cursor: Cursor, type: number): ThriftNode {
  const start = cursor.at
  if (type === 1 || type === 2) return placed(start, cursor, { kind: 'bool', value: readByte(cursor) === 1 })
  if (type === 3) {
    const value = BigInt((readByte(cursor) << 24) >> 24)
    return placed(start, cursor, { kind: 'int', type, value })
  }
  if (type <= 6) {
    const value = unzigzag(readVarint(cursor))
    return placed(start, cursor, { kind: 'int', type, value })
  }
  if (type === 7) {
    const bytes = take(cursor, 8)
    return placed(start, cursor, { kind: 'double', bytes })
  }
  if (type === 8) {
    const bytes = take(cursor, Number(readVarint(cursor)))
    return placed(start, cursor, { kind: 'binary', bytes })
  }
  if (type === 9 || type === 10) {
    const header = readByte(cursor)
    const count = header >> 4 === 15 ? Number(readVarint(cursor)) : header >> 4
    const items: ThriftNode[] = []
    for (let index = 0; index < count; index++) items.push(read(cursor, header & 15))
    return placed(start, cursor, { kind: 'list', itemType: header & 15, items })
  }
  if (type === 12) return readStruct(cursor)
  throw new Error(`Thrift type ${type} at byte ${start} is not known`)
}

type Unplaced<Node> = Node extends Placed ? Omit<Node, keyof Placed> : never

function placed(start: number, cursor: Cursor, node: Unplaced<ThriftNode>): ThriftNode {
  return { ...node, start, end: cursor.at }
}

function readByte(cursor: Cursor): number {
  const byte = cursor.bytes[cursor.at]
  if (byte === undefined) throw new Error('Thrift bytes end too early')
  cursor.at++
  return byte
}

function take(cursor: Cursor, length: number): Uint8Array {
  if (cursor.at + length > cursor.bytes.length) throw new Error('Thrift bytes end too early')
  cursor.at += length
  return cursor.bytes.subarray(cursor.at - length, cursor.at)
}

function readVarint(cursor: Cursor): bigint {
  let value = 0n
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = readByte(cursor)
    value |= BigInt(byte & 127) << shift
    if (byte < 128) return value
  }
  throw new Error('a Thrift number has too many bytes')
}

function unzigzag(value: bigint): bigint {
  return (value >> 1n) ^ -(value & 1n)
}

export function writeThriftTree(root: ThriftNode): Uint8Array {
  const out: number[] = []
  write(out, root)
  return Uint8Array.from(out)
}

function write(out: number[], node: ThriftNode): void {
  if (node.kind === 'bool') out.push(node.value ? 1 : 2)
  else if (node.kind === 'int') {
    if (node.type === 3) out.push(Number(BigInt.asUintN(8, node.value)))
    else writeVarint(out, BigInt.asUintN(64, (node.value << 1n) ^ (node.value >> 63n)))
  } else if (node.kind === 'double') out.push(...node.bytes)
  else if (node.kind === 'binary') {
    writeVarint(out, BigInt(node.bytes.length))
    for (const byte of node.bytes) out.push(byte)
  } else if (node.kind === 'list') {
    if (node.items.length < 15) out.push((node.items.length << 4) | node.itemType)
    else {
      out.push(0xf0 | node.itemType)
      writeVarint(out, BigInt(node.items.length))
    }
    for (const item of node.items) write(out, item)
  } else writeStruct(out, node.fields)
}

function writeStruct(out: number[], fields: readonly ThriftField[]): void {
  let last = 0
  for (const { id, node } of fields) {
    const type = typeOf(node)
    const delta = id - last
    if (delta > 0 && delta < 16) out.push((delta << 4) | type)
    else {
      out.push(type)
      writeVarint(out, BigInt(id) << 1n)
    }
    last = id
    if (node.kind !== 'bool') write(out, node)
  }
  out.push(0)
}

function typeOf(node: ThriftNode): number {
  if (node.kind === 'bool') return node.value ? 1 : 2
  if (node.kind === 'int') return node.type
  return { double: 7, binary: 8, list: 9, struct: 12 }[node.kind]
}

function writeVarint(out: number[], value: bigint): void {
  let rest = value
  for (; rest > 127n; rest >>= 7n) out.push(Number(rest & 127n) | 128)
  out.push(Number(rest))
}

export function i32(value: number): ThriftNode {
  return { kind: 'int', type: 5, value: BigInt(value), start: -1, end: -1 }
}

export function binary(bytes: Uint8Array): ThriftNode {
  return { kind: 'binary', bytes, start: -1, end: -1 }
}

/** All nodes at a path. */
export function nodesAt(root: ThriftNode, path: ThriftPath): ThriftNode[] {
  let nodes: ThriftNode[] = [root]
  for (const step of path) nodes = nodes.flatMap((node) => children(node, step).map(({ child }) => child))
  return nodes
}

/** The number at a path, or undefined where there is none. */
export function numberAt(root: ThriftNode, path: ThriftPath): number | undefined {
  const [node] = nodesAt(root, path)
  return node?.kind === 'int' ? Number(node.value) : undefined
}

/** A copy in which every node at the path is replaced; undefined takes the field away. */
export function changeNodes(
  node: ThriftNode,
  path: ThriftPath,
  change: (node: ThriftNode) => ThriftNode | undefined,
): ThriftNode {
  const [step, ...rest] = path
  if (step === undefined) return change(node) ?? node
  const changed = new Map<number, ThriftNode | undefined>()
  for (const { index, child } of children(node, step))
    changed.set(index, rest.length === 0 ? change(child) : changeNodes(child, rest, change))
  if (node.kind === 'struct')
    return {
      ...node,
      fields: node.fields.flatMap((field, index) => {
        if (!changed.has(index)) return [field]
        const replaced = changed.get(index)
        return replaced === undefined ? [] : [{ id: field.id, node: replaced }]
      }),
    }
  if (node.kind === 'list')
    return {
      ...node,
      items: node.items.flatMap((item, index) => {
        const replaced = changed.has(index) ? changed.get(index) : item
        return replaced === undefined ? [] : [replaced]
      }),
    }
  return node
}

/** A copy of a struct with this field, at its place in the order of numbers. */
export function withField(struct: ThriftNode, id: number, node: ThriftNode): ThriftNode {
  if (struct.kind !== 'struct') throw new Error('only a struct has fields')
  const fields = [...struct.fields.filter((field) => field.id !== id), { id, node }].sort((a, b) => a.id - b.id)
  return { ...struct, fields }
}

function children(node: ThriftNode, step: number | '*'): { readonly index: number; readonly child: ThriftNode }[] {
  if (node.kind === 'struct')
    return node.fields.flatMap(({ id, node: child }, index) => (step === '*' || id === step ? [{ index, child }] : []))
  if (node.kind === 'list')
    return node.items.flatMap((child, index) => (step === '*' || index === step ? [{ index, child }] : []))
  return []
}
