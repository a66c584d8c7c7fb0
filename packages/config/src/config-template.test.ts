import { describe, expect, test } from 'vitest'
import { configTemplate, type TemplateKind } from './config-template.ts'
import { parseConfig } from './parse-config.ts'
import { parseDotEnv } from './parse-dot-env.ts'

const SOURCES = [
  { name: 'flights', path: 'landing/flights', format: 'parquet' },
  {
    name: 'größe & "co".csv'.replaceAll(/[^\p{L}.]/gu, '_'),
    path: "in/it's: {a,b} #1/*.csv",
    format: 'csv',
    dataset: '{stem}',
  },
] as const

describe.each<TemplateKind>(['landing-zone', 'gate-only', 'fabric'])('template %s', (kind) => {
  const text = (sources?: Parameters<typeof configTemplate>[1]): string =>
    configTemplate(kind, sources).files.find((file) => file.path === 'tidegate.yaml')?.text ?? ''

  test('loads without a problem, with and without the variables of its example', () => {
    const example = configTemplate(kind).files.find((file) => file.path === '.env.example')?.text ?? ''
    const { variables, badLines } = parseDotEnv(example)
    expect(badLines).toEqual([])
    for (const env of [{}, Object.fromEntries(variables)]) {
      expect(parseConfig(text(), { directory: '/p', env })).toMatchObject({ kind: 'ok', warnings: [] })
    }
  })

  test('takes the sources it is given', () => {
    const result = parseConfig(text(SOURCES), { directory: '/p' })
    if (result.kind !== 'ok') throw new Error(JSON.stringify(result))
    expect(result.warnings).toEqual([])
    expect(result.config.sources.map(({ name, path, format }) => ({ name, path, format }))).toEqual(
      SOURCES.map(({ name, path, format }) => ({ name, path, format })),
    )
    expect(result.config.sources.map(({ dataset }) => dataset)).toEqual(['{source}', '{stem}'])
  })

  test('keeps state and secrets out of version control', () => {
    const ignore = configTemplate(kind)
      .files.find((file) => file.path === '.gitignore')
      ?.text.split('\n')
    expect(ignore).toEqual(expect.arrayContaining(['.tidegate/', '.env']))
  })
})
