import { cpSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { openDuckDB } from '@tidegate/duckdb'

export type Session = Awaited<ReturnType<typeof openDuckDB>>

/** What is true of one file, known without Tidegate: counted in the data it was made from. */
export interface LandedFile {
  /** Below the landing zone, e.g. `flights/flights-2001-01-01.parquet`. */
  readonly path: string
  readonly source: 'flights' | 'tables' | 'weather' | 'birdstrikes' | 'movies' | 'earthquakes' | 'stations'
  readonly kind: 'good' | 'duplicate' | 'truncated' | 'empty' | 'not-parquet' | 'breaks-contract'
  /** Rows a reader can get: 0 where the file is cut, empty or not what its name says. */
  readonly rows: number
  /** With kind `truncated`: rows of the row groups of which no byte is missing. */
  readonly complete?: number
  /** With kind `duplicate`: the file with the same bytes. */
  readonly duplicateOf?: string
  /** With kind `breaks-contract`: how many rows break which rule; no row breaks two. */
  readonly broken?: { readonly delayOutOfRange: number; readonly originMissing: number }
}

/** A file of the npm package vega-datasets. */
export function vegaFile(name: string): string {
  return path.join(fileURLToPath(import.meta.resolve('vega-datasets')), '../../data', name)
}

/** Absolute path of a file to be laid; its folder exists afterwards. */
export function placeFor(zone: string, relative: string): string {
  const file = path.join(zone, relative)
  mkdirSync(path.dirname(file), { recursive: true })
  return file
}

export function layBytes(zone: string, relative: string, bytes: string | Uint8Array, landedAt: string): void {
  const file = placeFor(zone, relative)
  writeFileSync(file, bytes)
  landAt(file, landedAt)
}

export function layCopy(zone: string, relative: string, source: string, landedAt: string): void {
  const file = placeFor(zone, relative)
  cpSync(source, file)
  landAt(file, landedAt)
}

/** Sets the mtime (ISO date or time, UTC): fixed and long past, so that every file counts as settled. */
export function landAt(file: string, landedAt: string): void {
  const at = new Date(landedAt)
  utimesSync(file, at, at)
}

/** Records of a CSV text without quoted line breaks, the header not counted. */
export function countCsvRows(text: string): number {
  return text.split(/\r?\n/).filter((line) => line !== '').length - 1
}
