import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { TidegateError, messageOf } from '@tidegate/core'
import type { ExpectationDefinition } from '@tidegate/dq'

/** The expectations of plug-ins: modules, by file or by package name, that export `expectations`. */
export async function loadPlugins(
  names: readonly string[],
  directory: string,
): Promise<readonly ExpectationDefinition[]> {
  const loaded: ExpectationDefinition[] = []
  for (const name of names) loaded.push(...(await loadPlugin(name, directory)))
  return loaded
}

async function loadPlugin(name: string, directory: string): Promise<readonly ExpectationDefinition[]> {
  let exported: unknown
  const address = addressOf(name, directory)
  if (address === undefined)
    throw new TidegateError('CHECK_PLUGIN', `there is no plug-in ${name}: neither a file nor a package`, {
      hint: `A file is looked for in ${directory}, a package there and beside Tidegate.`,
    })
  try {
    const module = (await import(address)) as Readonly<Record<string, unknown>>
    exported = module['expectations']
  } catch (error) {
    throw new TidegateError('CHECK_PLUGIN', `the plug-in ${name} cannot be loaded: ${messageOf(error)}`, {
      hint: 'Name a file, or a package that is installed beside your suite.',
      cause: error,
    })
  }
  if (!Array.isArray(exported))
    throw new TidegateError('CHECK_PLUGIN', `the plug-in ${name} exports no list called expectations`, {
      hint: 'Write: export const expectations = [defineExpectation({ … })].',
    })
  return exported.map((item: unknown, index) => {
    if (isDefinition(item)) return item
    throw new TidegateError('CHECK_PLUGIN', `expectations[${index}] of the plug-in ${name} ${lackOf(item)}`, {
      hint: 'Make each item with defineExpectation({ … }) of @tidegate/dq.',
    })
  })
}

/** Why it is no expectation, with its name where it has one. */
function lackOf(item: unknown): string {
  if (typeof item !== 'object' || item === null) return `is ${item === null ? 'null' : typeof item}, no expectation`
  const parts = item as Readonly<Record<string, unknown>>
  if (typeof parts['type'] !== 'string') return 'has no type'
  const missing = ['compile', 'judge'].filter((key) => typeof parts[key] !== 'function')
  return `(${JSON.stringify(parts['type'].slice(0, 80))}) has no function ${missing.join(' and no function ')}`
}

/** A file is found from the folder of -C, a package from there too and then beside Tidegate. */
function addressOf(name: string, directory: string): string | undefined {
  const file = path.resolve(directory, name)
  if (existsSync(file)) return pathToFileURL(file).href
  for (const find of [
    () => pathToFileURL(createRequire(path.join(directory, 'package.json')).resolve(name)).href,
    // A relative name would be looked for beside this file.
    ...(/^[./\\]/.test(name) ? [] : [() => import.meta.resolve(name)]),
  ])
    try {
      return find()
    } catch {
      continue
    }
  return undefined
}

function isDefinition(value: unknown): value is ExpectationDefinition {
  return (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    typeof value.type === 'string' &&
    'compile' in value &&
    typeof value.compile === 'function' &&
    'judge' in value &&
    typeof value.judge === 'function'
  )
}
