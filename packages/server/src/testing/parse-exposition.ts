/**
 * A strict reader of Prometheus' text format, version 0.0.4: whatever the description of the format does not allow is an error.
 */
export interface ParsedMetric {
  readonly help: string
  readonly type: string
  readonly samples: readonly ParsedSample[]
}

export interface ParsedSample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export function parseExposition(text: string): ReadonlyMap<string, ParsedMetric> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end')
  const metrics = new Map<string, { help: string; type: string; samples: ParsedSample[] }>()
  let current = ''
  const seen = new Set<string>()
  for (const line of text.slice(0, -1).split('\n')) {
    const head = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/.exec(line)
    if (head !== null) {
      const [, kind, name = '', rest = ''] = head
      if (kind === 'HELP') {
        if (metrics.has(name)) throw new Error(`${name} stands twice`)
        metrics.set(name, { help: unescape(rest, { '\\': '\\', n: '\n' }), type: '', samples: [] })
        current = name
      } else {
        const metric = metrics.get(name)
        if (metric === undefined || name !== current || metric.samples.length > 0)
          throw new Error(`TYPE out of place: ${line}`)
        if (!['counter', 'gauge', 'histogram', 'summary', 'untyped'].includes(rest)) throw new Error(`no type: ${line}`)
        metric.type = rest
      }
      continue
    }
    const sample = parseSample(line)
    const metric = metrics.get(current)
    if (metric === undefined || !namesOf(current, metric.type).includes(sample.name))
      throw new Error(`out of place: ${line}`)
    const key = JSON.stringify([sample.name, Object.entries(sample.labels).toSorted(([a], [b]) => (a < b ? -1 : 1))])
    if (seen.has(key)) throw new Error(`stands twice: ${line}`)
    seen.add(key)
    metric.samples.push(sample)
  }
  return metrics
}

function namesOf(name: string, type: string): readonly string[] {
  return type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name]
}

function parseSample(line: string): ParsedSample {
  const [, name = '', rest = ''] = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(.*)$/s.exec(line) ?? []
  if (name === '') throw new Error(`no sample: ${JSON.stringify(line)}`)
  const labels: Record<string, string> = {}
  let at = 0
  if (rest.startsWith('{')) {
    at = 1
    for (;;) {
      const pair = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"/.exec(rest.slice(at))
      const [whole, label, value] = pair ?? []
      if (whole === undefined || label === undefined || value === undefined) throw new Error(`no label: ${line}`)
      if (label in labels) throw new Error(`label twice: ${line}`)
      labels[label] = unescape(value, { '\\': '\\', n: '\n', '"': '"' })
      at += whole.length
      if (rest[at] === '}') break
      if (rest[at] !== ',') throw new Error(`no end of labels: ${line}`)
      at += 1
    }
    at += 1
  }
  const [, number] = /^ ([+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf)|NaN)$/.exec(rest.slice(at)) ?? []
  if (number === undefined) throw new Error(`no value: ${line}`)
  return { name, labels, value: Number(number.replace('Inf', 'Infinity')) }
}

function unescape(text: string, known: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\\(.?)/gs, (_, letter: string) => {
    const plain = known[letter]
    if (plain === undefined) throw new Error(`no escape: ${text}`)
    return plain
  })
}
