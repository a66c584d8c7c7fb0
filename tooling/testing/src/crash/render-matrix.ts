import type { TargetKind } from '@tidegate/core'
import { FAULTS } from './describe-faults.ts'
import { FAILPOINTS, type StateKind } from './failpoints.ts'
import type { CellResult } from './play-cell.ts'
import type { SeriesResult } from './play-random.ts'

/** `docs/crash-matrix.md`, without times: the same results, the same page. */
export function renderMatrix(cells: readonly CellResult[], random: readonly SeriesResult[], seed: number): string {
  const columns = columnsOf(cells.map(({ cell }) => cell))
  const count = (outcome: CellResult['outcome']): number => cells.filter((cell) => cell.outcome === outcome).length
  const missing = columns.length * FAILPOINTS.length - cells.length
  const randomKills = random.reduce((sum, { killed }) => sum + killed.length, 0)
  return `# Crash matrix

Made by \`npm run test:crash\`; do not edit. Seed ${seed}. ${count('green')} cells are green, ${count('red')} red, ${count('n/a')} do not exist.
Each is killed at least twice (K20 and K20b once); ${randomKills} more kills are at random. Each killed process wrote down where it died, and a cell whose
moment did not come is red. ✓: killed there, and everything below holds. –: there is no such moment, for the reason given.${missing === 0 ? '' : ` ${missing} cells were not played.`}

## What a cell does

Each cell is a project of its own. Every kill is a SIGKILL of the whole process group of \`tidegate ingest\`, engine included.

1. Two rounds of files are ingested: two datasets, Parquet and CSV, every tenth row bad, one file per round that is no data.
2. A third round arrives: new files, new content under a known name, known bytes under another name, a touched file. The run
   is killed at the failpoint.
3. A fourth round arrives. The next run is killed during recovery, or just before it would go on to new work.
4. A run goes to its end: it finds what the killed ones left, and the fourth round.

Runs that are killed are processes of their own; those that go to their end share one that has the command line's code loaded, and open
and close the project each for itself (\`--cold\`: processes of their own, too). A project is put back to where step 1 left it for each cell.

Cells Q1 to Q3 loosen the contracts after step 1, kill \`tidegate quarantine replay --all\`, kill it again at its beginning, and let it run to
its end. K20 and K20b kill \`tidegate maintain\` 400 days after a file was replaced.

After each kill a reader without our code finds rows of committed file versions only, none twice, and no file in two versions. At
the end:

- the rows of the target, as a multiset, are those of the landing files by the rule, computed without our code; a gate's manifest
  names exactly the files that passed;
- quarantine holds the bad rows of every version that ever lay there once, and every file that is no data once;
- every file version is in exactly one entry of the log, and read = loaded + rejected + dropped;
- another run has nothing to do and writes nothing;
- \`state rebuild\` into an empty state database gives the tables that the live one has;
- the sources have the bytes and modification times with which they were laid.

"What was not synced is lost" is a model: after the kill, every byte and every name in target and quarantine that no fsync had made safe
is taken away (or a part of it, drawn by the seed), also what the engine's process had written. Databases sync below
Node's functions and are left out of it.

## Cells

${table(
  ['', 'where the run dies', ...columns.map(({ kind, state }) => `${kind}, ${state}`)],
  FAILPOINTS.filter(({ id }) => cells.some(({ cell }) => cell.failpoint.id === id)).map(({ id, what }) => [
    id,
    what,
    ...columns.map(({ kind, state }) => markOf(find(cells, id, kind, state))),
  ]),
)}

## Why cells do not exist

${reasons(cells)}

## Random kills

Runs with new and changed files are killed at a (phase, nth) drawn from all that a run passes. Kills come in chains over one project: two of
three killed runs are followed by another that is killed, too, with more new files. After each kill what is visible is compared, at the
end of a chain everything above. A chain and all its kills are repeated by their name and the seed (\`--series random/delta/sqlite/3\`).

${table(
  ['target, state', 'kills', 'chains', ''],
  columnsOf(random.map(({ series }) => series)).map(({ kind, state }) => {
    const own = random.filter(({ series }) => series.kind === kind && series.state === state)
    const kills = own.reduce((sum, { killed }) => sum + killed.length, 0)
    const isGreen = own.every(({ problems }) => problems.length === 0)
    return [`${kind}, ${state}`, String(kills), String(own.length), isGreen ? 'green' : 'red']
  }),
)}

## Faults

${table(['fault', 'what must be true', 'test, below tooling/testing/src'], FAULTS)}

After each of them the assertions of the cells hold too, where the scene is that of the cells. The lost-write model has tests of its own:
\`crash/lost-writes.test.ts\`. \`npm test\` plays a few cells and one fault of each kind (\`crash/matrix.test.ts\`, \`faults/faults.test.ts\`),
\`npm run test:slow\` all faults, \`npm run test:crash\` all cells. \`tidegate doctor --chaos\` plays a short form of each kind of target that a project has, on its storage.

## How to repeat it

\`npm run test:crash\` plays everything and writes this page. \`npm run test:crash -- --cell K14/parquet/sqlite --verbose\` plays one cell and
prints where its processes died; \`--cell K14\` all of a failpoint, \`--only delta --states sqlite\` a column, \`--no-matrix --random 100\` only random
kills. \`--seed N\` draws other moments of recovery, other losses and other random kills; the same seed draws the same ones.
`
}

interface Column {
  readonly kind: TargetKind
  readonly state: StateKind
}

function columnsOf(items: readonly Column[]): readonly Column[] {
  const seen = new Map<string, Column>()
  for (const { kind, state } of items) seen.set(`${kind}/${state}`, { kind, state })
  return [...seen.values()]
}

function find(cells: readonly CellResult[], id: string, kind: TargetKind, state: StateKind): CellResult | undefined {
  return cells.find(({ cell }) => cell.failpoint.id === id && cell.kind === kind && cell.state === state)
}

function markOf(result: CellResult | undefined): string {
  if (result === undefined) return 'not played'
  return { green: '✓', red: '✗', 'n/a': '–' }[result.outcome]
}

function reasons(cells: readonly CellResult[]): string {
  const missing = cells.filter(({ outcome }) => outcome === 'n/a')
  const byReason = Map.groupBy(missing, ({ cell, because }) => `${cell.failpoint.id}\0${because[0] ?? ''}`)
  return [...byReason]
    .map(([key, results]) => {
      const [id = '', reason = ''] = key.split('\0')
      const kinds = [...new Set(results.map(({ cell }) => cell.kind))]
      return `- ${id}, ${kinds.join(', ')}: ${reason}`
    })
    .join('\n')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
