/** What we and other readers say of a folder of Parquet files: `npm run parquet-corpus -- FOLDER [--out FILE.md | --check]`. */
import { globSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { openDoctor } from '@tidegate/parquet'
import { corpusMarkdown, wrongVerdicts, type CorpusFile } from './markdown.ts'
import { planAlone } from './plan-alone.ts'
import { openDuckDBReader, readWithHyparquet } from './readers.ts'

const ROOT = path.resolve(import.meta.dirname, '../../../..')

async function main(args: readonly string[]): Promise<number> {
  const outAt = args.indexOf('--out')
  const out = outAt < 0 ? path.join(ROOT, 'docs/parquet-corpus.md') : path.resolve(args[outAt + 1] ?? '')
  const folder = args.find((arg, index) => !arg.startsWith('--') && (outAt < 0 || index !== outAt + 1))
  if (folder === undefined) {
    process.stderr.write('usage: npm run parquet-corpus -- FOLDER [--out FILE.md | --check]\n')
    return 2
  }
  const names = globSync('**/*.{parquet,parq,encrypted}', { cwd: folder }).map(String).sort()
  if (args.includes('--check')) return await check(folder, names)
  const doctor = openDoctor()
  const duckdb = openDuckDBReader()
  const files: CorpusFile[] = []
  try {
    for (const name of names) {
      const file = path.resolve(folder, name)
      files.push({
        path: name.split(path.sep).join('/'),
        diagnosis: await doctor.diagnose(file, { level: 'values', name: path.basename(name) }),
        repair: await planAlone(doctor, file),
        duckdb: await duckdb.read(file),
        hyparquet: await readWithHyparquet(file),
      })
      if (files.length % 25 === 0) process.stderr.write(`${files.length} of ${names.length} files\n`)
    }
  } finally {
    await doctor.close()
    await duckdb.close()
  }
  const versions = {
    DuckDB: await versionOf('@duckdb/node-api'),
    hyparquet: await versionOf('hyparquet'),
    Node: process.versions.node,
  }
  const command = 'npm run parquet-corpus -- FOLDER'
  await writeFile(out, corpusMarkdown({ files, command, versions }))
  process.stdout.write(`${files.length} files, ${path.relative(process.cwd(), out)}\n`)
  return files.length === 0 ? 1 : 0
}

/** Only whether the verdicts are those that are known to be right; seconds instead of minutes. */
async function check(folder: string, names: readonly string[]): Promise<number> {
  const doctor = openDoctor()
  const files: Pick<CorpusFile, 'path' | 'diagnosis'>[] = []
  try {
    for (const name of names) {
      const request = { level: 'values', name: path.basename(name) } as const
      const diagnosis = await doctor.diagnose(path.resolve(folder, name), request)
      files.push({ path: name.split(path.sep).join('/'), diagnosis })
    }
  } finally {
    await doctor.close()
  }
  const wrong = wrongVerdicts(files)
  for (const line of wrong) process.stdout.write(`${line}\n`)
  process.stdout.write(`${files.length} files, ${wrong.length} wrong verdicts\n`)
  return wrong.length === 0 && files.length > 0 ? 0 : 1
}

async function versionOf(name: string): Promise<string> {
  const { dependencies } = JSON.parse(await readFile(path.join(import.meta.dirname, '../../package.json'), 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>
  }
  return dependencies[name] ?? ''
}

process.exitCode = await main(process.argv.slice(2))
