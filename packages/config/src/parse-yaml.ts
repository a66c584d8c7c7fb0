/**
 * YAML text → tree with places. Everything that could make a small file expensive is bounded here: nesting, the size
 * after aliases are followed, the size of the text.
 */
import {
  isAlias,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type ParsedNode,
  type YAMLMap,
} from 'yaml'
import { maskExcerpt } from './mask-secrets.ts'
import { problemAt, quoteValue, type Place, type Problem, type TextSource } from './problem.ts'
import type { MapEntry, ScalarTree, Tree, ValueOrigin } from './tree.ts'

export interface ParsedYaml {
  /** Undefined for an empty document and where the syntax is broken. */
  readonly tree: Tree | undefined
  readonly source: TextSource
  readonly problems: readonly Problem[]
}

const LONGEST_TEXT = 16 * 1024 * 1024
const MOST_NODES = 1_000_000
/** Nodes that aliases may add on top of what is written. */
const MOST_ALIASED_NODES = 100_000
const DEEPEST = 100

export function parseYaml(text: string, file: string, origin?: ValueOrigin): ParsedYaml {
  const source: TextSource = { file, lines: text.split(/\r\n|\r|\n/) }
  const broken = (problem: Problem): ParsedYaml => ({ tree: undefined, source, problems: [problem] })
  const start: Place = { source, line: 1, column: 1, endColumn: 1 }
  if (text.length > LONGEST_TEXT) {
    return broken(
      problemAt(start, 'CONFIG_SYNTAX', `the file has ${text.length} characters; ${LONGEST_TEXT} are the limit`),
    )
  }

  const counter = new LineCounter()
  let document: Document.Parsed
  try {
    document = parseDocument(text, {
      lineCounter: counter,
      keepSourceTokens: true,
      prettyErrors: false,
      uniqueKeys: false,
      intAsBigInt: true,
      merge: false,
    })
  } catch (error) {
    // The parser recurses; a text that nests ten thousand lists ends its stack.
    if (error instanceof RangeError) return broken(problemAt(start, 'CONFIG_SYNTAX', 'the YAML nests too deeply'))
    throw error
  }

  const placer: Placer = { source, counter }
  const problems: Problem[] = firstOfEachLine(
    [...document.errors, ...document.warnings].map((error) => syntaxProblem(placer, error)),
  )
  if (document.errors.length > 0 || document.contents === null) return { tree: undefined, source, problems }

  const walk: Walk = { placer, document, problems, origin, nodes: 0, aliased: 0, aliasDepth: 0, open: new Set() }
  try {
    return { tree: toTree(walk, document.contents, 0), source, problems }
  } catch (error) {
    if (error instanceof TooMuch) return { tree: undefined, source, problems: [...problems, error.problem] }
    throw error
  }
}

interface Placer {
  readonly source: TextSource
  readonly counter: LineCounter
}

interface Walk {
  readonly placer: Placer
  readonly document: Document.Parsed
  readonly problems: Problem[]
  readonly origin: ValueOrigin | undefined
  nodes: number
  aliased: number
  aliasDepth: number
  readonly open: Set<unknown>
}

class TooMuch extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.message)
    this.problem = problem
  }
}

function syntaxProblem(
  placer: Placer,
  error: { code: string; message: string; pos: [number, number]; name: string },
): Problem {
  const place = placeOf(placer, error.pos[0], error.pos[1])
  const severity = error.name === 'YAMLWarning' ? 'warning' : 'error'
  const message = error.message.replaceAll(/\s+/g, ' ').trim()
  const plain = PLAIN_WORDS.find(([pattern]) => pattern.test(message))?.[1]
  return problemAt(place, 'CONFIG_SYNTAX', plain ?? message.charAt(0).toLowerCase() + message.slice(1), {
    severity,
    hint: SYNTAX_HINTS[error.code] ?? textHint(place),
  })
}

/** The parser's words for its own tokens, in words of the file. */
const PLAIN_WORDS: readonly (readonly [RegExp, string])[] = [
  [/call stack/i, 'the YAML nests too deeply'],
  [/unexpected flow-map-start at node end/i, 'a value without quotes cannot go on with `{` here'],
  [/unexpected flow-seq-start at node end/i, 'a value without quotes cannot go on with `[` here'],
]

/** One slip confuses the parser for the rest of the line; what it says after the first is noise. */
function firstOfEachLine(problems: readonly Problem[]): Problem[] {
  const lines = new Set<number | undefined>()
  return problems.filter(({ line }) => !lines.has(line) && lines.add(line))
}

const SYNTAX_HINTS: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'YAML is indented with spaces; replace the tab.',
  MULTIPLE_DOCS: 'Keep one document per file: remove the line `---`.',
}

/** What probably happened, judged by the line: tabs, a glob taken for an alias, a template taken for a map. */
function textHint(place: Place): string | undefined {
  const line = place.source.lines[place.line - 1] ?? ''
  if (/^ *\t/.test(line)) return SYNTAX_HINTS['TAB_AS_INDENT']
  // What follows quotes the line.
  if (maskExcerpt(line) !== line) return undefined
  const glob = /[:,[{-]\s+(\*[^\s,\]}]*)/.exec(line)?.[1]
  if (glob !== undefined && /[*/.]/.test(glob.slice(1))) return `Write it in quotes: "${glob}".`
  const template = /[{,]\s*[\w.-]+:\s+([^\s"',{}[\]]*\{[^\s"',]*\}[^\s"',{}[\]]*)/.exec(line)?.[1]
  return template === undefined ? undefined : `Inside { } a value with braces needs quotes: "${template}".`
}

function placeOf({ source, counter }: Placer, start: number, end: number): Place {
  const from = counter.linePos(start)
  const line = Math.max(1, from.line)
  const column = Math.max(1, from.col)
  const to = counter.linePos(Math.max(start, end))
  const lineEnd = (source.lines[line - 1] ?? '').length + 1
  const endColumn = to.line === line ? to.col : lineEnd
  return { source, line, column, endColumn: Math.max(column + 1, endColumn) }
}

function toTree(walk: Walk, node: ParsedNode | null, depth: number): Tree {
  const range = node?.range ?? [0, 0, 0]
  const place = placeOf(walk.placer, range[0], range[1])
  const origin: ValueOrigin = walk.origin ?? { kind: 'file', file: place.source.file, line: place.line }
  walk.nodes += 1
  if (walk.aliasDepth > 0) walk.aliased += 1
  if (walk.nodes > MOST_NODES) throw new TooMuch(problemAt(place, 'CONFIG_SYNTAX', `more than ${MOST_NODES} values`))
  if (walk.aliased > MOST_ALIASED_NODES) {
    throw new TooMuch(
      problemAt(place, 'CONFIG_SYNTAX', 'the aliases expand to more than 100,000 values', {
        hint: 'Write the values out instead of repeating anchors inside anchors.',
      }),
    )
  }
  if (depth > DEEPEST) throw new TooMuch(problemAt(place, 'CONFIG_SYNTAX', 'the YAML nests too deeply'))

  if (node === null) return { kind: 'scalar', value: null, place, origin }
  if (isAlias(node)) {
    const target = node.resolve(walk.document) as ParsedNode | undefined
    if (target === undefined) throw new TooMuch(noAnchor(place, node.source))
    if (walk.open.has(target))
      throw new TooMuch(problemAt(place, 'CONFIG_SYNTAX', `alias *${node.source} contains itself`))
    walk.aliasDepth += 1
    const tree = toTree(walk, target, depth + 1)
    walk.aliasDepth -= 1
    return tree
  }
  if (isScalar(node)) return { kind: 'scalar', value: scalarValue(node.value), place, origin }

  walk.open.add(node)
  const tree: Tree = isSeq(node)
    ? {
        kind: 'list',
        items: node.items.map((item) => toTree(walk, isPair(item) ? null : (item as ParsedNode), depth + 1)),
        place,
        origin,
      }
    : { kind: 'map', entries: mapEntries(walk, node as YAMLMap<ParsedNode, ParsedNode | null>, depth), place, origin }
  walk.open.delete(node)
  return tree
}

function noAnchor(place: Place, name: string): Problem {
  const glob = /[*/.?]/.test(name)
  return problemAt(
    place,
    'CONFIG_SYNTAX',
    glob ? 'a value that starts with `*` is read as an alias' : `there is no anchor &${name}`,
    {
      hint: glob ? `Write it in quotes: "*${name}".` : 'An alias *name needs an anchor &name above it.',
    },
  )
}

function scalarValue(value: unknown): ScalarTree['value'] {
  if (typeof value === 'bigint') {
    return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value
  }
  if (value === null || value === undefined) return null
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  return String(value)
}

function mapEntries(walk: Walk, map: YAMLMap<ParsedNode, ParsedNode | null>, depth: number): Map<string, MapEntry> {
  const entries = new Map<string, MapEntry>()
  const merged: Tree[] = []
  for (const { key, value } of map.items) {
    const range = key?.range ?? map.range ?? [0, 0, 0]
    const place = placeOf(walk.placer, range[0], range[1])
    const keyNode = isAlias(key) ? (key.resolve(walk.document) as ParsedNode | undefined) : key
    if (!isScalar(keyNode)) {
      walk.problems.push(problemAt(place, 'CONFIG_TYPE', 'a key must be a text, not a list or a map'))
      continue
    }
    // A key is what was typed: `010` and `1.0` must not become 10 and 1.
    const name = typeof keyNode.value === 'string' ? keyNode.value : (keyNode.source ?? String(keyNode.value))
    const tree = toTree(walk, value, depth + 1)
    if (name === '<<' && keyNode.type === 'PLAIN') {
      merged.push(...(tree.kind === 'list' ? tree.items : [tree]))
      continue
    }
    const first = entries.get(name)
    if (first === undefined) entries.set(name, { key: place, value: tree })
    else {
      walk.problems.push(
        problemAt(
          place,
          'CONFIG_DUPLICATE_KEY',
          `${quoteValue(name)} is written twice; the first is on line ${first.key.line}`,
          {
            hint: 'Keep one of them.',
          },
        ),
      )
    }
  }
  for (const tree of merged) {
    if (tree.kind === 'map') for (const [key, entry] of tree.entries) if (!entries.has(key)) entries.set(key, entry)
  }
  return entries
}
