import { fileURLToPath } from 'node:url'

/** The script behind the `tidegate` command. */
export function commandLine(): string {
  return fileURLToPath(new URL('bin/tidegate.js', import.meta.resolve('tidegate/package.json')))
}
