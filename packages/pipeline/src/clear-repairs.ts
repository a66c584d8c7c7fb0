import type { PipelineEffects } from './effects.ts'

/**
 * Takes away what killed and failed runs left in the folder of repaired files. For whoever holds the source's lease and has
 * recovered its targets: then every other run of the source is over, and what it committed is known.
 *
 * Files of runs that the state does not know stay: after the loss of a state, a log that nobody has read yet may name them.
 */
export async function clearRepairsOfDeadRuns(
  source: string,
  { repaired, ledger }: Pick<PipelineEffects, 'repaired' | 'ledger'>,
): Promise<void> {
  const found = await repaired.list(source)
  if (found.length === 0) return
  const repairs = await ledger.listFiles({ source, repairedOnly: true })
  const recorded = new Set(repairs.flatMap(({ repair }) => (repair === undefined ? [] : [repair.path])))
  // With a file stays the list of its losses.
  const loose = found.filter((file) => !recorded.has(file.replace(/\.loss\.json$/, '')))
  if (loose.length === 0) return
  const runs = await ledger.listRuns({ source })
  const dead = new Set(runs.flatMap(({ id, status }) => (status === 'interrupted' || status === 'failed' ? [id] : [])))
  for (const file of loose) if (dead.has(runOf(file))) await repaired.discard(file)
}

/** `<source>/<dataset>/<run>/<file>` */
function runOf(file: string): string {
  return file.split('/').at(-2) ?? ''
}
