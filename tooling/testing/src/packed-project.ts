import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { readPackageJson, WORKSPACE, type WorkspacePackage } from './workspace-files.ts'

const run = promisify(execFile)

export interface CommandOutput {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** Packs packages as a release would. Returns the tarball of each, by package name. */
export async function packPackages(
  packages: readonly WorkspacePackage[],
  folder: string,
): Promise<ReadonlyMap<string, string>> {
  for (const { json, directory } of packages)
    if (!existsSync(path.join(directory, 'dist'))) throw new Error(`${json.name} is not built: npm run build`)
  mkdirSync(folder, { recursive: true })
  const pnpm = path.join(WORKSPACE, 'tooling/scripts/pnpm.mjs')
  const filters = packages.flatMap(({ json }) => ['--filter', json.name])
  const packed = await runCommand(WORKSPACE, process.execPath, [
    pnpm,
    '-r',
    ...filters,
    'pack',
    '--pack-destination',
    folder,
  ])
  if (packed.exitCode !== 0) throw new Error(`pnpm pack failed\n${packed.stdout}${packed.stderr}`)
  const tarballs = packages.map(({ json }) => {
    const file = `${json.name.replace('@', '').replace('/', '-')}-${json.version}.tgz`
    return [json.name, path.join(folder, file)] as const
  })
  return new Map(tarballs)
}

/**
 * Installs tarballs into an empty project with npm, as a user would. The packages find each other among the tarballs, for npm takes
 * what the project itself depends on where the version fits; only their third parties come from the registry or its cache.
 */
export async function installTarballs(directory: string, tarballs: ReadonlyMap<string, string>): Promise<void> {
  const dependencies = Object.fromEntries([...tarballs].map(([name, file]) => [name, `file:${file}`]))
  mkdirSync(directory, { recursive: true })
  writeFileSync(
    path.join(directory, 'package.json'),
    JSON.stringify({ name: 'a-user', private: true, type: 'module', dependencies }, undefined, 2),
  )
  const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error']
  const installed = await runCommand(directory, 'npm', ['install', ...flags])
  if (installed.exitCode !== 0) throw new Error(`npm install failed\n${installed.stdout}${installed.stderr}`)
  for (const name of tarballs.keys()) assertFromTarball(directory, name)
}

/** A package of the same name from a registry must not pass for ours. */
function assertFromTarball(directory: string, name: string): void {
  const lock = JSON.parse(readFileSync(path.join(directory, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly resolved?: string }>>
  }
  const copies = Object.entries(lock.packages).filter(([place]) => place.endsWith(`node_modules/${name}`))
  if (copies.length !== 1 || copies[0]?.[1].resolved?.startsWith('file:') !== true)
    throw new Error(`${name} was not installed from its tarball alone: ${JSON.stringify(copies)}`)
}

/** Files of an installed package, relative to it. */
export function listInstalled(directory: string, name: string): readonly string[] {
  const folder = path.join(directory, 'node_modules', name)
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .filter((file) => !file.startsWith('node_modules'))
}

export function readInstalled(directory: string, name: string): ReturnType<typeof readPackageJson> {
  return readPackageJson(path.join(directory, 'node_modules', name, 'package.json'))
}

/** Runs a command to its end; a bad exit code is a value. */
export async function runCommand(cwd: string, command: string, args: readonly string[]): Promise<CommandOutput> {
  // The variables of the surrounding test run would make the command behave as a part of it.
  const env = { ...process.env, NO_COLOR: '1', NODE_OPTIONS: undefined, NODE_ENV: undefined, VITEST: undefined }
  try {
    const { stdout, stderr } = await run(command, [...args], { cwd, env, maxBuffer: 64 * 2 ** 20, timeout: 120_000 })
    return { exitCode: 0, stdout, stderr }
  } catch (error) {
    const failed = error as { readonly code?: unknown; readonly stdout?: string; readonly stderr?: string }
    if (typeof failed.code !== 'number') throw error
    return { exitCode: failed.code, stdout: failed.stdout ?? '', stderr: failed.stderr ?? '' }
  }
}
