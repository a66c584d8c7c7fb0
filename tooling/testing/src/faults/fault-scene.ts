import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TargetKind } from '@tidegate/core'
import { findProblems, findUncommitted } from '../crash/assertions.ts'
import { bundleCli } from '../crash/bundle-cli.ts'
import { DESTINATIONS } from '../crash/destinations.ts'
import type { StateKind } from '../crash/failpoints.ts'
import { ended, setScene, tellEnd, type Scene } from '../crash/scene.ts'
import type { PostgresServer } from '../crash/states.ts'
import { runToEnd } from '../crash-harness.ts'
import { makeTempProject } from '../temp-project.ts'

/** The command line in one file, in a folder that goes at the end; `TIDEGATE_CRASH_CLI` names one that is there. */
export interface BundledCli extends AsyncDisposable {
  readonly file: string
}

export async function openBundledCli(): Promise<BundledCli> {
  const ready = process.env['TIDEGATE_CRASH_CLI']
  if (ready !== undefined) return { file: ready, [Symbol.asyncDispose]: async () => undefined }
  const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-cli-'))
  const file = await bundleCli(folder, process.env['TIDEGATE_CRASH_FROM'] === 'source' ? 'source' : 'dist')
  return { file, [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true, force: true }) }
}

export interface FaultScene extends Scene {
  /** What a reader may not see now. */
  uncommitted(): Promise<readonly string[]>
  /** Runs to the end once more and compares everything. */
  problems(): Promise<readonly string[]>
}

/** A project with two rounds of files, ingested; then a fault, then `problems()` must be none. */
export async function withScene(
  cli: BundledCli,
  work: (scene: FaultScene) => Promise<void>,
  options: { readonly kind?: TargetKind; readonly state?: StateKind; readonly server?: PostgresServer } = {},
): Promise<void> {
  const { kind = 'parquet', state = 'sqlite', server } = options
  using project = makeTempProject()
  const scene = await setScene(project, { kind, state }, { cli: cli.file, server, seed: 1 })
  await scene.lay([{ round: 0 }, { round: 1 }])
  const base = await runToEnd(scene.ingest())
  if (!ended(base)) throw new Error(tellEnd(base))
  await work({
    ...scene,
    uncommitted: () => scene.read((session) => findUncommitted(session, DESTINATIONS[kind], scene.place, scene.zone)),
    async problems() {
      const last = await runToEnd(scene.ingest())
      if (!ended(last)) return [tellEnd(last)]
      return findProblems(scene, kind)
    },
  })
}
