import { expect, test } from 'vitest'
import { monitorReport, type MonitorReport } from '../monitor-report.ts'
import { aCheck, aFile, aRun, aSource, DAY, factsOf, NOW, type Records } from '../testing/facts-builder.ts'
import { richRecords } from '../testing/rich-records.ts'
import { diffReports } from './diff-reports.ts'

const schemaOk = aCheck('passed', {}, { id: 'schema', type: 'schema', dimension: 'schema' })
const well: Records = { runs: [aRun()], files: [aFile()], checks: [aCheck('passed'), schemaOk] }
const sick: Records = {
  runs: [aRun({ status: 'gate-failed', filesHeld: 1 })],
  files: [aFile({ outcome: 'held', run: aRun().id, reasons: [{ check: 'PQ105', severity: 'critical', message: '' }] })],
  checks: [aCheck('failed'), schemaOk],
}

async function reportOf(records: Records, expected = false): Promise<MonitorReport> {
  const expectation = expected ? { files: null, by: null, every: '1d' } : null
  return monitorReport(await factsOf(records), { nowMs: NOW, config: [aSource({ expect: expectation })] })
}

test('a report is the same as itself', async () => {
  const report = await reportOf(richRecords())
  expect(diffReports(report, report)).toMatchObject({
    verdict: 'same',
    summary: 'Nothing got better or worse.',
    reasons: [],
    health: [],
    scores: [],
    causes: { new: [], gone: [], changed: [] },
    incidents: { opened: [], closed: [] },
    volumes: [],
    freshness: [],
    schemas: [],
  })
})

test('what broke is worse, and what was mended is better, told from the same facts', async () => {
  const worse = diffReports(await reportOf(well), await reportOf(sick))
  expect(worse.verdict).toBe('worse')
  expect(worse.health).toMatchObject([{ source: 'flights', before: 'ok', after: 'bad', verdict: 'worse' }])
  expect(worse.scores).toMatchObject([
    { dataset: null, before: 100, after: 50, points: -50, verdict: 'worse' },
    { dataset: 'flights', before: 100, after: 50, points: -50, verdict: 'worse' },
  ])
  expect(worse.causes.new.map(({ code }) => code)).toEqual(['delay:between', 'PQ105'])
  expect(worse.incidents.opened.map(({ kind }) => kind)).toEqual(['gate-failed'])
  expect(worse.volumes).toEqual([
    {
      source: 'flights',
      rowsBefore: 1000,
      rowsAfter: 1000,
      filesBefore: 1,
      filesAfter: 0,
      heldBefore: 0,
      heldAfter: 1,
    },
  ])
  expect(worse.quarantine).toEqual({ before: 0, after: 1 })

  const better = diffReports(await reportOf(sick), await reportOf(well))
  expect(better.verdict).toBe('better')
  expect(better.causes.gone.map(({ code }) => code)).toEqual(['delay:between', 'PQ105'])
  expect(better.reasons.map(({ text }) => text).toSorted()).toEqual(
    [
      'flights went from bad to ok',
      'the score went from 50 % to 100 %',
      'the score of flights went from 50 % to 100 %',
      'closed: flights: the gate held 1 file',
      'gone: delay:between of flights',
      'gone: PQ105 of flights',
      '0 instead of 1 file in quarantine',
    ].toSorted(),
  )
})

test('one thing that got worse outweighs all that got better', async () => {
  const late: Records = { ...well, files: [aFile({ decidedAtMs: NOW - 2 * DAY })] }
  const diff = diffReports(await reportOf({ ...sick, files: [aFile()] }, true), await reportOf(late, true))
  expect(diff.freshness).toMatchObject([{ source: 'flights', before: 'fresh', after: 'late', verdict: 'worse' }])
  expect(diff.verdict).toBe('worse')
  expect(diff.reasons.map(({ verdict }) => verdict)).toEqual(
    diff.reasons.map(({ verdict }) => verdict).toSorted((a, b) => b.localeCompare(a)),
  )
})

test('more rows are told and not judged', async () => {
  const more = { ...well, files: [aFile(), aFile({ path: 'b' })] }
  const diff = diffReports(await reportOf(well), await reportOf(more))
  expect(diff).toMatchObject({ verdict: 'same', volumes: [{ rowsBefore: 1000, rowsAfter: 2000 }] })
})

test('a source that is new is no change for the worse unless it comes in a bad state', async () => {
  const before = await reportOf(well)
  const added = { ...well, runs: [aRun(), aRun({ id: 'n', source: 'new', status: 'failed', errorCode: 'X' })] }
  expect(diffReports(before, await reportOf(added)).health).toMatchObject([
    { source: 'new', before: null, after: 'bad', verdict: 'worse' },
  ])
})
