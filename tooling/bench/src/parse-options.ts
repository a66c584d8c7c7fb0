import { parseArgs } from 'node:util'

export interface BenchOptions {
  /** Names of sections; empty: all. */
  readonly sections: readonly string[]
  readonly rows: number
  readonly rounds: number
  readonly big: boolean
  readonly quick: boolean
  readonly output: 'table' | 'json'
}

export const USAGE = `Usage: npm run bench -- [section…] [--rows N] [--rounds N] [--big] [--quick] [--output table|json]
  --rows N     rows of the generated table (2,000,000)
  --rounds N   runs of each contestant, the best counts (5)
  --big        also what takes minutes: nothing new among 1,000,000 files
  --quick      nothing new among 300,000 files
  --output     table (Markdown) or json`

/** @throws Error with a sentence for people, when an option makes no sense */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values, positionals } = parseArgs({
    // npm and pnpm may hand their own separator on.
    args: args.filter((arg) => arg !== '--'),
    allowPositionals: true,
    options: {
      rows: { type: 'string', default: '2000000' },
      rounds: { type: 'string', default: '5' },
      big: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      output: { type: 'string', default: 'table' },
    },
  })
  if (values.output !== 'table' && values.output !== 'json') throw new Error('--output takes table or json')
  return {
    sections: positionals,
    rows: wholeNumber('--rows', values.rows, 8000),
    rounds: wholeNumber('--rounds', values.rounds, 1),
    big: values.big,
    quick: values.quick,
    output: values.output,
  }
}

function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text.replaceAll(/[_,]/g, ''))
  if (Number.isSafeInteger(value) && value >= least) return value
  throw new Error(`${name} takes a whole number from ${least}, not ${JSON.stringify(text)}`)
}
