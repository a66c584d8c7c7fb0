import type { Shape } from '../sound-file.ts'

/** Rows of a shape; with DuckDB's smallest row group of 2,048 rows several row groups, the last one shorter. */
export function rowsOfShape(shape: Shape): number {
  return shape === 'wide' ? 2500 : 5000
}

/** A query whose rows depend on nothing but the shape and the part. The first column tells the rows apart. */
export function tableQuery(shape: Shape, part: TablePart = 'first'): string {
  const rows = rowsOfShape(shape)
  const range = part === 'first' ? `range(${rows})` : `range(${rows}, ${2 * rows - 300})`
  return `SELECT ${SELECTIONS[shape]} FROM ${range} t(i) ORDER BY i`
}

/** `second`: the rows that come after those of the first file of the table, 300 fewer. */
export type TablePart = 'first' | 'second'

const SELECTIONS: Readonly<Record<Shape, string>> = {
  flat: [
    'i::INTEGER AS id',
    '(hash(i) % 1000000007)::BIGINT * 4001 AS reading',
    '(hash(i + 1) % 100003)::DOUBLE / 7 AS price',
    `['north', 'east', 'south', 'west', 'middle', 'other'][1 + (hash(i + 2) % 6)::INTEGER] AS region`,
    `'item ' || hash(i + 3)::VARCHAR AS code`,
    `TIMESTAMP '2024-01-01 00:00:00' + to_microseconds((hash(i + 4) % 31536000000000)::BIGINT) AS at`,
    `DATE '2020-02-29' + (hash(i + 5) % 1500)::INTEGER AS day`,
    '(hash(i + 6) % 3 = 0) AS flag',
    '((hash(i + 7) % 9999999)::DECIMAL(18, 2) / 100)::DECIMAL(9, 2) AS amount',
    `CASE WHEN hash(i + 8) % 4 = 0 THEN NULL ELSE 'nöte ' || (hash(i + 9) % 700)::VARCHAR END AS note`,
    'CASE WHEN hash(i + 10) % 5 = 0 THEN NULL ELSE (hash(i + 11) % 50000)::INTEGER END AS count',
  ].join(', '),
  nested: [
    'i::INTEGER AS id',
    `{'a': (hash(i) % 90000)::INTEGER, 'b': {'c': 'text ' || (hash(i + 1) % 5000)::VARCHAR, 'd': hash(i + 2)::DOUBLE}} AS pair`,
    `CASE WHEN hash(i + 3) % 6 = 0 THEN NULL ELSE {'x': (hash(i + 4) % 77)::BIGINT} END AS maybe`,
    'hash(i + 5)::DOUBLE AS weight',
  ].join(', '),
  list: [
    'i::INTEGER AS id',
    `CASE hash(i) % 7 WHEN 0 THEN NULL WHEN 1 THEN []::INTEGER[]
      ELSE list_transform(range((hash(i) % 5)::BIGINT), lambda k: ((hash(i + k) % 9000)::INTEGER)) END AS numbers`,
    `list_transform(range((hash(i + 3) % 4)::BIGINT), lambda k: 'tag ' || (hash(i * 3 + k) % 400)::VARCHAR) AS tags`,
    'hash(i + 5)::DOUBLE AS weight',
  ].join(', '),
  map: [
    'i::INTEGER AS id',
    `map_from_entries(list_transform(range((hash(i) % 4)::BIGINT), lambda k: {'k': 'key ' || k::VARCHAR, 'v': (hash(i + k) % 800)::INTEGER})) AS properties`,
    `'name ' || (hash(i + 9) % 3000)::VARCHAR AS name`,
  ].join(', '),
  one: '(i * 2654435761) % 1000000007 AS x',
  three: `i::INTEGER AS id, 'word ' || (hash(i) % 900)::VARCHAR AS word, hash(i + 1)::DOUBLE AS value`,
  wide: [
    'i::INTEGER AS id',
    ...Array.from({ length: 199 }, (_, k) =>
      k % 3 === 0 ? `'v' || (hash(i + ${k}) % 50)::VARCHAR AS c${k}` : `(hash(i + ${k}) % 60000)::INTEGER AS c${k}`,
    ),
  ].join(', '),
  required: `i::INTEGER AS id, (hash(i) % 1000003)::BIGINT AS reading, 'code ' || (hash(i + 1) % 4000)::VARCHAR AS code, hash(i + 2)::DOUBLE AS value`,
}
