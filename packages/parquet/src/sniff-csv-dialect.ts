import { codeOf, type QueryOptions, type ReadOptions, type Session } from '@tidegate/core'

import { splitRecord } from './csv-rows.ts'
import { escapeEngineGlob } from './parquet-relation.ts'
import { readTextHead } from './read-text-head.ts'

export type CsvDialect = Required<
  Pick<ReadOptions, 'delimiter' | 'quote' | 'escape' | 'header' | 'skip_rows' | 'null_values'>
>

const SAMPLE_ROWS = 20_480

/** Delimiter, quote, header and lines to skip, by the engine's sniffer; where it gives up, by counting delimiters. */
export async function sniffCsvDialect(
  session: Session,
  path: string,
  wanted: ReadOptions,
  options?: QueryOptions,
): Promise<CsvDialect> {
  const sniffed = (await sniffByEngine(session, path, wanted, options)) ?? (await sniffByCounting(path, wanted))
  const quote = wanted.quote ?? sniffed.quote
  return {
    delimiter: wanted.delimiter ?? sniffed.delimiter,
    quote,
    escape: wanted.escape ?? (wanted.quote === undefined ? sniffed.escape : quote),
    header: wanted.header ?? sniffed.header,
    skip_rows: wanted.skip_rows ?? sniffed.skip_rows,
    null_values: wanted.null_values ?? [''],
  }
}

async function sniffByEngine(
  session: Session,
  path: string,
  wanted: ReadOptions,
  options: QueryOptions | undefined,
): Promise<CsvDialect | undefined> {
  const { dialect } = session
  const args = [
    dialect.literal(escapeEngineGlob(path)),
    `sample_size=${SAMPLE_ROWS}`,
    ...(wanted.delimiter === undefined ? [] : [`delim=${dialect.literal(wanted.delimiter)}`]),
    ...(wanted.quote === undefined ? [] : [`quote=${dialect.literal(wanted.quote)}`]),
    ...(wanted.escape === undefined ? [] : [`escape=${dialect.literal(wanted.escape)}`]),
    ...(wanted.header === undefined ? [] : [`header=${wanted.header}`]),
    ...(wanted.skip_rows === undefined ? [] : [`skip=${wanted.skip_rows}`]),
  ]
  try {
    const { rows } = await session.query(
      `SELECT Delimiter, Quote, Escape, HasHeader, SkipRows FROM sniff_csv(${args.join(', ')})`,
      options,
    )
    const [delimiter, quote, escape, header, skip] = rows[0] ?? []
    // None seen in the sample is no proof that none will come.
    const usedQuote = given(quote) ?? '"'
    return {
      delimiter: given(delimiter) ?? ',',
      quote: usedQuote,
      escape: given(escape) ?? usedQuote,
      header: header === true,
      skip_rows: Number(skip ?? 0),
      null_values: [''],
    }
  } catch (error) {
    if (codeOf(error) === 'ENGINE_SQL') return undefined
    throw error
  }
}

function given(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value !== '(empty)' && value !== '\0'
    ? value.replace(/^\\t$/, '\t')
    : undefined
}

const DELIMITERS = [',', ';', '\t', '|']

async function sniffByCounting(path: string, wanted: ReadOptions): Promise<CsvDialect> {
  const text = await readTextHead(path, 64 * 1024)
  const lines = text
    .split(/\r\n|\n|\r/)
    .filter((line) => line !== '')
    .slice(0, 200)
  const score = (delimiter: string): number => {
    const widths = lines.map((line) => splitRecord(line, { ...wanted, delimiter }).length)
    const [width] = widths
    return width === undefined || width < 2 ? 0 : widths.filter((one) => one === width).length * Math.min(width, 10)
  }
  const delimiter = wanted.delimiter ?? DELIMITERS.reduce((best, next) => (score(next) > score(best) ? next : best))
  const first = splitRecord(lines[0] ?? '', { ...wanted, delimiter })
  const header = first.every((field) => field.trim() !== '' && !/^[+-]?[\d.,]+$/.test(field.trim()))
  return { delimiter, quote: '"', escape: '"', header, skip_rows: 0, null_values: [''] }
}
