// Removes from every dist/ what no longer has a source: tsc does not, and a renamed file would be published for ever.
import { existsSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { listPackages } from './test-results.mjs'

const root = fileURLToPath(new URL('../../', import.meta.url))

export function dropStaleBuilds() {
  for (const folder of listPackages()) {
    const dist = path.join(root, folder, 'dist')
    if (!existsSync(dist)) continue
    for (const name of readdirSync(dist, { recursive: true })) {
      const stem = /^(.+?)(?:\.d\.ts|\.js)(?:\.map)?$/.exec(name)?.[1]
      // The live page is a bundle: its scripts come from no one source.
      if (stem === undefined || name.startsWith(`live${path.sep}`)) continue
      const source = path.join(root, folder, 'src', stem)
      if (!existsSync(`${source}.ts`) && !existsSync(`${source}.tsx`)) rmSync(path.join(dist, name))
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) dropStaleBuilds()
