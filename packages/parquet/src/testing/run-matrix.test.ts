import { afterAll, beforeAll, expect, test } from 'vitest'

import { diagnoseFile } from '../index.ts'
import { bytesSource } from './byte-source.ts'
import { checkDiagnosis } from './check-diagnosis.ts'
import { MUTATIONS } from './mutate.ts'
import { matrixMarkdown, runMatrix, type CaseOutcome, type MatrixCase } from './run-matrix.ts'
import { openSoundFiles, SMALL_SPECS, type SoundFiles } from './sound-files.ts'

let files: SoundFiles
const specs = SMALL_SPECS.filter(({ shape }) => shape === 'three' || shape === 'one' || shape === 'map')

beforeAll(async () => {
  files = await openSoundFiles()
})

afterAll(async () => {
  await files.close()
})

test('a matrix over the diagnosis: nothing throws, every kind has a case, the same seed gives the same', async () => {
  const options = { files, specs, seed: 5, cases: 2 * MUTATIONS.length, run: diagnosed }
  const result = await runMatrix(options)
  expect(result.failures).toEqual([])
  expect(result.cases + result.notApplicable).toBe(options.cases)
  const timeless = ({ rows }: typeof result): unknown => rows.map((row) => ({ ...row, meanMs: 0, worstMs: 0 }))
  expect(timeless(await runMatrix(options))).toEqual(timeless(result))
  const ofLength = result.rows.find(({ kind }) => kind === 'length-zero')
  expect([ofLength?.recall, ofLength?.precision]).toEqual([1, 1])
  expect(matrixMarkdown(result)).toContain('| footer | length-zero | 2 |')
})

test('worst, mean and false cells are those of the cases', async () => {
  let count = 0
  const result = await runMatrix({
    files,
    specs,
    seed: 1,
    cases: 2 * MUTATIONS.filter(({ family }) => family === 'cut').length,
    families: ['cut'],
    run: async ({ truth }) => {
      if (truth.kind === 'cut-at-25-percent') throw new Error('no')
      return truth.kind === 'cut-at-50-percent' ? { salvage: count++ === 0 ? 0.5 : 1, falseCells: 3 } : {}
    },
  })
  const row = result.rows.find(({ kind }) => kind === 'cut-at-50-percent')
  expect(row).toMatchObject({ cases: 2, salvageWorst: 0.5, salvageMean: 0.75, falseCells: 6, recall: undefined })
  expect(row?.worstCase).toContain('cut-at-50-percent of')
  expect(result.failures.map(({ message }) => message)).toEqual(['no', 'no'])
})

test('a matrix out of time says how many cases it left out', async () => {
  const result = await runMatrix({ files, specs, seed: 1, cases: 50, budgetMs: 0, run: async () => ({}) })
  expect([result.cases, result.leftOut]).toEqual([0, 50])
})

async function diagnosed({ bytes, truth }: MatrixCase): Promise<CaseOutcome> {
  const diagnosis = await diagnoseFile(bytesSource(bytes), { name: 'a.parquet', expected: 'parquet', level: 'footer' })
  return { diagnosis: checkDiagnosis(truth, 'footer', diagnosis) }
}
