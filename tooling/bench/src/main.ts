/** The benchmark's door: `npm run bench -- [section…]`. Ratios against the bare engine, measured in the same run. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { openBareEngine } from './bare-engine.ts'
import type { BenchContext } from './bench-context.ts'
import { machineFacts } from './machine-facts.ts'
import { parseOptions, USAGE, type BenchOptions } from './parse-options.ts'
import { renderTable } from './render-table.ts'
import type { ResultRow } from './result-row.ts'
import { SECTIONS, selectSections } from './sections.ts'

async function main(args: readonly string[]): Promise<number> {
  let options: BenchOptions
  let selected: ReturnType<typeof selectSections>
  try {
    options = parseOptions(args)
    selected = selectSections(options.sections)
  } catch (error) {
    const sections = SECTIONS.map((section) => `  ${section.name.padEnd(12)} ${section.about}`).join('\n')
    process.stderr.write(
      `${error instanceof Error ? error.message : String(error)}\n\n${USAGE}\nSections:\n${sections}\n`,
    )
    return 2
  }
  const temp = await mkdtemp(path.join(tmpdir(), 'tidegate-bench-'))
  const bare = await openBareEngine()
  try {
    const rows: ResultRow[] = []
    for (const section of selected) {
      const folder = path.join(temp, section.name)
      await mkdir(folder)
      const context: BenchContext = { ...options, folder, bare, say: (message) => process.stderr.write(`${message}\n`) }
      rows.push(...(await section.run(context)))
      await rm(folder, { recursive: true })
    }
    const machine = await machineFacts(bare)
    const command = ['npm run bench', ...(args.length > 0 ? ['--', ...args.filter((arg) => arg !== '--')] : [])].join(
      ' ',
    )
    process.stdout.write(
      options.output === 'json'
        ? `${JSON.stringify({ schemaVersion: 1, command, machine, rows }, null, 2)}\n`
        : `\n${renderTable(rows, machine, command)}`,
    )
    return 0
  } finally {
    bare.close()
    await rm(temp, { recursive: true, force: true })
  }
}

process.exitCode = await main(process.argv.slice(2))
