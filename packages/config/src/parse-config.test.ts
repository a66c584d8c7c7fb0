import { describe, expect, test } from 'vitest'
import type { Config } from '@tidegate/core'
import { parseConfig, type ParseConfigOptions } from './parse-config.ts'
import type { Problem } from './problem.ts'
import { DAEMON_DEFAULTS, EVERY_15_MINUTES } from './testing/daemon-defaults.ts'

const FULL = `version: 1
state: .tidegate/state.db
defaults: { workers: 4, gate: { threshold: 100 } }
sources:
  flights:
    path: landing/flights/**/*.parquet
    format: parquet
    options: {}
    timezone: UTC
    dataset: "{source}"
    contract: contracts/{dataset}.yaml
    on_missing_contract: hold
    watermark: { column: date, type: timestamp, lag: 1h }
    ready: { settle: 5s }
    duplicates: skip
    schema_evolution: add_columns
    repair: lossless
    gate: { on_fail: quarantine }
    quarantine: { path: quarantine/flights, original: copy }
    target: { layer: raw, kind: parquet, path: "lake/raw/{dataset}", mode: append }
    schedule: { cron: "*/15 * * * *", timezone: UTC, overlap: forbid, catch_up: latest }
    expect: { files: 24, by: "02:15" }
    notify: [ops]
channels:
  ops: { kind: webhook, url: "\${HOOK}", on: [gate_failed, run_failed, stale, recovered] }
`

const LAKE = {
  name: 'target',
  kind: 'parquet',
  layer: 'raw',
  path: '/project/lake/raw/{dataset}',
  table: '{dataset}',
  mode: 'append',
  replace: 'all',
  keys: [],
  dedup: undefined,
  partitionBy: [],
  lineage: { sourcePath: undefined, rowNumber: undefined, batchId: undefined },
}

describe('what is right', () => {
  test('the whole format of the design is read into absolute paths and milliseconds', () => {
    const { sources, channels, schedules, alerts, server, prices, ...rest } = config(FULL, {
      env: { HOOK: 'https://hooks.example.com/x' },
    })
    expect(rest).toEqual({
      version: 1,
      directory: '/project',
      file: '/project/tidegate.yaml',
      state: '/project/.tidegate/state.db',
      repaired: '/project/.tidegate/repaired',
      environment: undefined,
      workers: 4,
      retention: {
        historyMs: 7_776_000_000,
        quarantineMs: 7_776_000_000,
        retiredMs: 604_800_000,
        repairedMs: 2_592_000_000,
      },
      limits: { memoryBytes: undefined, tempDirectory: '/project/.tidegate/tmp' },
      gateDefaults: { threshold: 100, on_fail: 'quarantine' },
    })
    expect({ schedules, alerts, server, prices }).toEqual(DAEMON_DEFAULTS)
    expect(channels).toEqual([
      {
        name: 'ops',
        kind: 'webhook',
        url: 'https://hooks.example.com/x',
        on: ['gate_failed', 'run_failed', 'stale', 'recovered'],
        maxPerHour: undefined,
        sendResolved: true,
        digest: { at: '08:00', timezone: 'UTC' },
        secret: undefined,
        headers: {},
        allowPrivate: false,
      },
    ])
    expect(sources).toEqual([
      {
        name: 'flights',
        path: 'landing/flights/**/*.parquet',
        root: '/project/landing/flights',
        pattern: '**/*.parquet',
        format: 'parquet',
        options: { timezone: 'UTC' },
        dataset: '{source}',
        contract: '/project/contracts/{dataset}.yaml',
        onMissingContract: 'hold',
        watermark: { column: 'date', type: 'timestamp', lagMs: 3_600_000, filter: false },
        ready: { settleMs: 5000, marker: undefined, control: undefined, unit: 'file' },
        resend: undefined,
        includeExisting: true,
        maxFilesPerBatch: 2048,
        maxBytesPerBatch: 1_073_741_824,
        maxFileAgeMs: undefined,
        cleanSource: { mode: 'off', afterMs: 0, to: undefined },
        schemaHints: {},
        duplicates: 'skip',
        overwrites: 'replace',
        schemaEvolution: { columns: 'add', types: 'widen', rescueColumn: '_rescued' },
        repair: 'lossless',
        verify: 'checksums',
        gate: { source: { on_fail: 'quarantine' }, defaults: { threshold: 100, on_fail: 'quarantine' } },
        quarantine: { path: '/project/quarantine/flights', original: 'copy' },
        target: LAKE,
        targets: [LAKE],
        expect: { files: 24, by: '02:15', every: undefined },
        schedule: EVERY_15_MINUTES,
        origin: 'file',
        notify: ['ops'],
        position: { line: 5, column: 3 },
      },
    ])
  })

  test('a source needs no more than a path', () => {
    const [source] = config('version: 1\nsources:\n  a: { path: in/*.csv }\n').sources
    expect(source).toMatchObject({
      format: 'auto',
      dataset: '{source}',
      contract: '/project/contracts/{dataset}.yaml',
      onMissingContract: 'hold',
      ready: { settleMs: 5000 },
      duplicates: 'skip',
      overwrites: 'replace',
      schemaEvolution: { columns: 'add', types: 'widen', rescueColumn: '_rescued' },
      repair: 'lossless',
      verify: 'checksums',
      gate: { source: {}, defaults: { threshold: 100 } },
      quarantine: { path: '/project/quarantine/a', original: 'copy' },
      target: { kind: 'parquet', path: '/project/lake/raw/{dataset}', mode: 'append' },
      options: {},
      notify: [],
    })
  })

  test('a gate-only target has its own default path', () => {
    const [source] = config('version: 1\nsources:\n  a: { path: in/*.csv, target: { kind: none } }\n').sources
    expect(source?.target.path).toBe('/project/.tidegate/gate/{source}/{dataset}')
  })

  test('JSON is read as it is', () => {
    const json = JSON.stringify({ version: 1, sources: { a: { path: '/in/x.csv' } } })
    expect(config(json).sources[0]).toMatchObject({ root: '/in', pattern: 'x.csv' })
  })

  test('anchors and merge keys work', () => {
    const text = `version: 1
sources:
  a: &base { path: in/a/*.csv, format: csv, duplicates: warn }
  b: { <<: *base, path: in/b/*.csv }
`
    expect(config(text).sources.map(({ path, duplicates }) => [path, duplicates])).toEqual([
      ['in/a/*.csv', 'warn'],
      ['in/b/*.csv', 'warn'],
    ])
  })

  test('limits take sizes', () => {
    expect(config('version: 1\nlimits: { memory: 2GB }\nsources: { a: { path: in } }').limits.memoryBytes).toBe(2e9)
    expect(config('version: 1\nlimits: { memory: 1000 }\nsources: { a: { path: in } }').limits.memoryBytes).toBe(1000)
  })

  test('names may be in any script', () => {
    const text = 'version: 1\nsources: { größe: { path: a }, 航班: { path: b }, eu.flights-1_x: { path: c } }\n'
    expect(config(text).sources.map(({ name }) => name)).toEqual(['größe', '航班', 'eu.flights-1_x'])
  })
})

describe('what is wrong', () => {
  test('everything is reported at once, in the order of the file', () => {
    const text = `version: 1
defaults: { gate: { threshhold: 100 } }
sources:
  a:
    path: in/*.csv
    on_missing_contract: hodl
    dataset: "{sorce}"
    notify: [opps]
  b:
    format: csv
channels:
  ops: { kind: webhook, url: ftp://x }
`
    expect(problems(text).map(({ code, line, column, hint }) => [code, line, column, hint])).toEqual([
      ['CONFIG_UNKNOWN_KEY', 2, 21, 'Did you mean `threshold`?'],
      ['CONFIG_VALUE', 6, 26, 'Did you mean `hold`?'],
      ['CONFIG_TEMPLATE', 7, 14, 'Did you mean {source}? Known: {source}, {stem}, {parent}.'],
      ['CONFIG_UNKNOWN_CHANNEL', 8, 14, 'Did you mean `ops`?'],
      ['CONFIG_MISSING_KEY', 9, 3, 'Add `path:` under `sources.b`.'],
      ['CONFIG_VALUE', 12, 30, undefined],
    ])
  })

  test.each([
    ['sources: { a: { path: in } }', 'CONFIG_MISSING_KEY'],
    ['version: 2\nsources: { a: { path: in } }', 'CONFIG_VERSION'],
    ['version: "1"\nsources: { a: { path: in } }', 'CONFIG_TYPE'],
    ['version: 1', 'CONFIG_MISSING_KEY'],
    ['version: 1\nversion: 1\nsources: { a: { path: in } }', 'CONFIG_DUPLICATE_KEY'],
    ['version: 1\nsources: []', 'CONFIG_TYPE'],
    ['version: 1\nsources: { a: [in] }', 'CONFIG_TYPE'],
    ['version: 1\nsources: { a: }', 'CONFIG_MISSING_KEY'],
    ['version: 1\nsources: { a: { path: "" } }', 'CONFIG_VALUE'],
    ['version: 1\nsources: { a: { path: "in/*/../x" } }', 'CONFIG_VALUE'],
    ['version: 1\nsources: { a: { path: ftp://h/x } }', 'CONFIG_VALUE'],
    ['version: 1\nsources: { a: { path: in, timezone: Mars/Base } }', 'CONFIG_VALUE'],
    ['version: 1\nsources: { a: { path: in, ready: { settle: 5 } } }', 'CONFIG_TYPE'],
    ['version: 1\nsources: { a: { path: in, ready: { settle: soon } } }', 'CONFIG_VALUE'],
    ['version: 1\nsources: { a: { path: in, gate: { threshold: 101 } } }', 'CONFIG_VALUE'],
    ['version: 1\nsources: { a: { path: in, gate: { threshold: "90" } } }', 'CONFIG_TYPE'],
    ['version: 1\nsources: { a: { path: in, schedule: { cron: "61 * * * *" } } }', 'CONFIG_VALUE'],
    ['version: 1\nsources: { a: { path: in, schedule: { cron: "0 0 31 2 *" } } }', 'CONFIG_VALUE'],
    ['version: 1\nsources: { a: { path: in, expect: { by: "25:00" } } }', 'CONFIG_VALUE'],
    ['version: 1\nsources: { a: { path: in, options: { encoding: klingon } } }', 'CONFIG_VALUE'],
    ['version: 1\nsources: { a: { path: in, target: { path: "lake/{table}" } } }', 'CONFIG_TEMPLATE'],
    ['version: 1\nsources: { a: { path: in, contract: "c/{dataset.yaml" } }', 'CONFIG_TEMPLATE'],
    ['version: 1\nsources: { a: { path: in, dataset: "{stem}", target: { path: lake/x } } }', 'CONFIG_VALUE'],
    ['version: 1\ndefaults: { workers: 0 }\nsources: { a: { path: in } }', 'CONFIG_VALUE'],
    ['version: 1\nlimits: { memory: lots }\nsources: { a: { path: in } }', 'CONFIG_VALUE'],
  ])('%j is %s, and nothing else', (text, code) => {
    expect(problems(text).map((problem) => problem.code)).toEqual([code])
  })

  test.each([
    ['sources: { a: { path: "s3://bucket/x/**" } }', '`sources.a.path`'],
    ['sources: { a: { path: in, target: { path: "abfss://c@a/lake/{dataset}" } } }', '`sources.a.target.path`'],
    ['sources: { a: { path: in, target: { kind: iceberg } } }', '`sources.a.target.kind`'],
  ])('%s is not in this release, and nothing else is said of it', (line, key) => {
    const text = line.startsWith('sources') ? `version: 1\n${line}` : `version: 1\n${line}\nsources: { z: { path: z } }`
    const found = problems(text)
    expect(found.map(({ code }) => code)).toEqual(['CONFIG_NOT_YET'])
    expect(found[0]?.message).toContain(key)
    expect(found[0]?.message).toContain('not in this release')
  })

  test('a typing error of a supported word is a wrong value with a suggestion', () => {
    expect(problems('version: 1\nsources: { a: { path: in, target: { mode: apend } } }')).toMatchObject([
      { code: 'CONFIG_VALUE', hint: 'Did you mean `append`?' },
    ])
  })

  test('a key one level too high is sent where it belongs', () => {
    expect(problems('version: 1\nsources: { a: { path: in, threshold: 5 } }')[0]?.hint).toContain('under `gate`')
  })

  test('an event that does not exist is a warning', () => {
    const text =
      'version: 1\nsources: { a: { path: in } }\nchannels: { o: { kind: webhook, url: "http://h", on: [gate_faild] } }'
    const result = parse(text)
    expect(result.kind === 'ok' ? result.warnings : []).toMatchObject([
      { severity: 'warning', hint: 'Did you mean `gate_failed`?' },
    ])
  })
})

describe('environments and --set', () => {
  const text = `version: 1
defaults: { workers: 4 }
sources:
  flights: { path: in/flights, gate: { threshold: 90, on_fail: split } }
  eu.flights: { path: in/eu }
environments:
  prod:
    defaults: { workers: 16 }
    sources: { flights: { gate: { threshold: 99 } } }
  test:
    state: other.db
`
  test('an overlay changes what it names and leaves the rest', () => {
    const prod = config(text, { environment: 'prod' })
    expect([prod.workers, prod.environment]).toEqual([16, 'prod'])
    expect(prod.sources[0]?.gate.source).toEqual({ threshold: 99, on_fail: 'split' })
    expect(config(text).sources[0]?.gate.source).toEqual({ threshold: 90, on_fail: 'split' })
  })

  test('an unknown environment lists the ones there are', () => {
    expect(problems(text, { environment: 'prd' })).toMatchObject([
      { code: 'CONFIG_UNKNOWN_ENVIRONMENT', hint: 'Did you mean `prod`?' },
    ])
    expect(problems(text, { environment: 'prd' })[0]?.message).toContain('prod, test')
  })

  test('an overlay that is not chosen is checked too, but for its variables', () => {
    const wrong = `${text}    sources: { flights: { gaet: 1, path: "\${NOWHERE}/x" } }\n`
    expect(problems(wrong)).toMatchObject([{ code: 'CONFIG_UNKNOWN_KEY', line: 12 }])
  })

  test('--set has the last word, its value read as YAML', () => {
    const set = ['sources.flights.gate.threshold=75', 'defaults.workers=1', 'sources.eu.flights.repair=off']
    const changed = config(text, { environment: 'prod', set })
    expect(changed.sources[0]?.gate.source.threshold).toBe(75)
    expect(changed.workers).toBe(1)
    expect(changed.sources[1]?.repair).toBe('off')
  })

  test('--set can name what is not there yet, lists and quoted keys included', () => {
    const set = ['channels.ops={kind: webhook, url: "http://h/x"}', 'sources."eu.flights".notify=[ops]']
    expect(config(text, { set }).sources[1]?.notify).toEqual(['ops'])
  })

  test.each([
    ['nonsense', 'CONFIG_SYNTAX'],
    ['=1', 'CONFIG_SYNTAX'],
    ['state=[', 'CONFIG_SYNTAX'],
    ['sources.flights.repiar=off', 'CONFIG_UNKNOWN_KEY'],
    ['sources.flights.repair=perhaps', 'CONFIG_VALUE'],
    ['defaults.workers=many', 'CONFIG_TYPE'],
  ])('--set %s is %s at --set', (assignment, code) => {
    expect(problems(text, { set: [assignment] })).toMatchObject([{ code, file: '--set', excerpt: assignment }])
  })
})

describe('who may read and write where', () => {
  test.each([
    ['landing/**/*.parquet', 'landing/lake/{dataset}', true],
    ['landing/*.parquet', 'landing/lake/{dataset}', false],
    ['landing/**', 'landing', true],
    ['landing/flights/**', 'landing/lake', false],
    ['lake/raw/x/**', 'lake/raw', true],
    ['landing-old/**', 'landing', false],
    ['**/*.parquet', '/elsewhere/lake', false],
  ])('source %s with target %s: found = %s', (path, target, inside) => {
    // A base folder of its own keeps the default places of quarantine and state out of the picture.
    const text = `version: 1
sources: { a: { path: "base/${path}", quarantine: { path: /q }, target: { path: "${target.startsWith('/') ? target : `base/${target}`}" } } }
`
    const result = parse(text)
    expect(result.kind === 'problems' ? result.problems.map(({ code }) => code) : []).toEqual(
      inside ? ['CONFIG_TARGET_IN_SOURCE'] : [],
    )
  })

  test('quarantine, state, temporary and repaired files count as well, also where they are defaults', () => {
    const found = problems('version: 1\nsources: { a: { path: "**/*", target: { path: /lake } } }')
    expect(found.map(({ code }) => code)).toEqual(Array.from({ length: 4 }, () => 'CONFIG_TARGET_IN_SOURCE'))
    expect(found.map(({ message }) => message).join()).toMatch(/quarantine[^]*temporary[^]*repaired[^]*state database/)
  })

  test.each([
    ['in', 'in', true],
    ['in/**/*.csv', 'in/sub/*.csv', true],
    ['in/**/*.csv', 'in/sub/*.parquet', false],
    ['in/**', 'in/sub/x.parquet', true],
    ['in/a*.csv', 'in/*b.csv', true],
    ['in/[a-m]*.csv', 'in/[n-z]*.csv', false],
    ['in/flights-*.csv', 'in/fares-*.csv', false],
    ['in/*.{csv,parquet}', 'in/x.parquet', true],
    ['./in/../in/*.csv', 'in/*.csv', true],
    ['in/*/x.csv', 'in/x.csv', false],
  ])('sources %s and %s overlap: %s', (one, other, overlap) => {
    const text = `version: 1\nsources:\n  a: { path: "${one}" }\n  b: { path: "${other}" }\n`
    const result = parse(text)
    expect(result.kind === 'problems' ? result.problems.map(({ code, line }) => [code, line]) : []).toEqual(
      overlap ? [['CONFIG_SOURCE_OVERLAP', 4]] : [],
    )
  })

  test('two sources with one target are warned of', () => {
    const text =
      'version: 1\nsources: { a: { path: a, target: { path: lake } }, b: { path: b, target: { path: lake } } }'
    const result = parse(text)
    expect(result.kind === 'ok' ? result.warnings.map(({ message }) => message) : []).toEqual([
      'sources a and b write to the same target',
    ])
  })
})

function parse(text: string, options: Partial<ParseConfigOptions> = {}): ReturnType<typeof parseConfig> {
  return parseConfig(text, { directory: '/project', ...options })
}

function config(text: string, options: Partial<ParseConfigOptions> = {}): Config {
  const result = parse(text, options)
  if (result.kind === 'problems') throw new Error(result.problems.map(({ message }) => message).join('\n'))
  return result.config
}

function problems(text: string, options: Partial<ParseConfigOptions> = {}): readonly Problem[] {
  const result = parse(text, options)
  return result.kind === 'problems' ? result.problems : []
}
