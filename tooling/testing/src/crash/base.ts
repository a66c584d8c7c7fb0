import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { connect } from '@tidegate/postgres'
import { makeTempProject, type TempProject } from '../temp-project.ts'
import type { LaidVersion, LandingZone } from './landing-zone.ts'
import { ended, setScene, tellEnd, type Scene, type SceneKind, type Surroundings } from './scene.ts'
import type { PostgresServer } from './states.ts'

/**
 * Projects with two rounds of files, ingested. Each kind is made once and put back for every cell at its place, since state
 * and ledgers hold absolute paths: folder and databases are copied, only inodes and change times are new.
 */
export interface Bases {
  /** The scene as it was after its first run. Whatever an earlier `take` of the same kind returned is over. */
  take(kind: SceneKind): Promise<Scene>
  close(): void
}

export function openBases(surroundings: Surroundings): Bases {
  const made = new Map<string, Promise<Base>>()
  return {
    async take(kind) {
      const key = JSON.stringify(kind)
      const known = made.get(key)
      if (known !== undefined) {
        const base = await known
        await base.restore()
        return base.scene
      }
      const making = makeBase(kind, surroundings)
      made.set(key, making)
      return (await making).scene
    },
    close() {
      for (const base of made.values())
        base.then(
          ({ remove }) => remove(),
          () => undefined,
        )
    },
  }
}

interface Base {
  readonly scene: Scene
  restore(): Promise<void>
  remove(): void
}

async function makeBase(kind: SceneKind, surroundings: Surroundings): Promise<Base> {
  const project = makeTempProject()
  const copy = mkdtempSync(path.join(tmpdir(), 'tidegate-base-'))
  const remove = (): void => {
    project.remove()
    rmSync(copy, { recursive: true, force: true })
  }
  try {
    const scene = await setScene(project, kind, surroundings)
    await scene.lay([{ round: 0 }, { round: 1 }])
    const first = await scene.finish(scene.ingest())
    if (!ended(first)) throw new Error(`the first run failed: ${tellEnd(first)}`)
    const { server } = surroundings
    const databases = [scene.place.postgres, kind.state === 'postgres' ? scene.state.address : undefined].flatMap(
      (url) => (url === undefined ? [] : [decodeURIComponent(new URL(url).pathname.slice(1))]),
    )
    copyProject(project, copy)
    for (const name of databases) await copyDatabase(server, name, `${name}_base`)
    const zone = memoryOf(scene.zone)
    return {
      scene,
      remove,
      async restore() {
        project.remove()
        copyFolder(path.join(copy, 'project'), project.directory)
        for (const name of databases) await copyDatabase(server, `${name}_base`, name)
        zone.restore()
      },
    }
  } catch (error) {
    remove()
    throw error
  }
}

function copyProject(project: TempProject, copy: string): void {
  copyFolder(project.directory, path.join(copy, 'project'))
}

/** With times to the nanosecond, which Node's own copying rounds. */
function copyFolder(from: string, to: string): void {
  const { status, stderr } = spawnSync('cp', ['-a', from, to], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`a project could not be copied: ${stderr}`)
}

async function copyDatabase(server: PostgresServer | undefined, from: string, to: string): Promise<void> {
  if (server === undefined) return
  const admin = await connect(server.url)
  try {
    await admin.query(`DROP DATABASE IF EXISTS "${to}" WITH (FORCE)`)
    await admin.query(`CREATE DATABASE "${to}" TEMPLATE "${from}"`)
  } finally {
    await admin.close()
  }
}

function memoryOf(zone: LandingZone): { restore(): void } {
  const laid: readonly LaidVersion[] = [...zone.laid]
  const current = [...zone.current]
  const prints = [...zone.prints]
  const { rule } = zone
  return {
    restore() {
      zone.laid.splice(0, zone.laid.length, ...laid)
      zone.current.clear()
      for (const [name, version] of current) zone.current.set(name, version)
      zone.rule = rule
      zone.swept.clear()
      zone.prints.clear()
      for (const [name, print] of prints) zone.prints.set(name, print)
    },
  }
}
