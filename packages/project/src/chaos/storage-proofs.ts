/** What the commit protocol asks of a file system. Each throws where the storage lacks it. */
import { existsSync } from 'node:fs'
import { link, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { codeOf } from '@tidegate/core'
import { fsyncFolder } from '@tidegate/storage'
import { startChild } from './start-child.ts'

export async function proveNames(scratch: string): Promise<string> {
  const [from, to] = [path.join(scratch, 'one'), path.join(scratch, 'two')]
  await writeFile(from, 'x')
  await link(from, to)
  const again = await link(from, to).then(
    () => 'nothing',
    (error: unknown) => codeOf(error) ?? 'another error',
  )
  if (again !== 'EEXIST') throw new Error(`linking to a name that is taken gave ${again} and not EEXIST`)
  return 'a second link to the same name was refused'
}

export async function proveMoves(scratch: string): Promise<string> {
  const [from, to] = [path.join(scratch, 'here'), path.join(scratch, 'deep/there')]
  await mkdir(path.dirname(to))
  await writeFile(from, 'content')
  await rename(from, to)
  if (existsSync(from) || (await readFile(to, 'utf8')) !== 'content')
    throw new Error('a renamed file was not there, or twice')
  return 'the bytes are under the new name only'
}

export async function proveSync(scratch: string): Promise<string> {
  await fsyncFolder(scratch)
  return 'fsync of a folder succeeded'
}

const NAMES = 500

export async function proveRace(scratch: string, limitMs: number): Promise<string> {
  const folder = path.join(scratch, 'race')
  await mkdir(folder)
  const ends = await Promise.all([0, 1].map(() => startChild(['race', folder, String(NAMES)], limitMs)))
  const won = ends.flatMap(({ message }) => (message as { readonly won?: readonly number[] } | undefined)?.won ?? [])
  const distinct = new Set(won).size
  if (won.length !== NAMES || distinct !== NAMES)
    throw new Error(`${NAMES} names were given out ${won.length} times, ${distinct} of them at all`)
  return `${NAMES} names, each given out once`
}
