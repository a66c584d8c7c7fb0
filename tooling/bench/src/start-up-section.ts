import type { BenchContext, Section } from './bench-context.ts'
import { race } from './measure.ts'
import type { ResultRow } from './result-row.ts'
import { runNode } from './run-node.ts'
import { commandLine } from './command-line.ts'

export const startUpSection: Section = {
  name: 'start-up',
  about: '`tidegate --version` above `node -e 0`',
  run: runStartUp,
}

const MOST_MS = 80

async function runStartUp({ rounds, say }: BenchContext): Promise<readonly ResultRow[]> {
  say('start-up: taking turns')
  const best = await race(Math.max(rounds, 10), {
    ours: async () => void (await runNode([commandLine(), '--version'])),
    bare: async () => void (await runNode(['-e', '0'])),
  })
  const above = best.ours - best.bare
  return [
    {
      section: 'start-up',
      what: `--version: ${Math.round(above)} ms above node -e 0`,
      unit: 'ms',
      ours: best.ours,
      bare: best.bare,
      ratio: best.ours / best.bare,
      bar: `≤ +${MOST_MS} ms`,
      verdict: above <= MOST_MS ? 'met' : 'missed',
    },
  ]
}
