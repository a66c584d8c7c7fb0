import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { performance } from 'node:perf_hooks'
// By path: the demo and the tests share the harness, and neither is installed by anybody.
import { runToEnd, runUntilCrash } from '../../testing/src/crash-harness.ts'

/** What one command printed and how it ended. */
export interface CommandResult {
  readonly stdout: string
  readonly stderr: string
  /** Null when it was killed. */
  readonly exitCode: number | null
  readonly durationMs: number
}

export interface CommandExpectation {
  /** @defaultValue 0 */
  readonly exit?: number
  /** Kills the whole process group at this phase (1 is the first time) instead of expecting an exit code. */
  readonly killAt?: { readonly phase: string; readonly nth?: number }
  /** Keeps stdout off the screen and out of the transcript (JSON for a check of ours). @defaultValue false */
  readonly quiet?: boolean
}

/** Where the demo happens: one project folder, one screen, one transcript per act. */
export interface Stage {
  /** Absolute: the project folder, in which the commands run. */
  readonly directory: string
  /** Begins an act: prints its title and times what `play` does. */
  act(title: string, play: () => Promise<void>): Promise<void>
  /** Runs `tidegate …` as its own process, prints it as a user would see it, and fails when it ends otherwise than expected. */
  tidegate(args: readonly string[], expected?: CommandExpectation): Promise<CommandResult>
  /** Runs with `--output json` and returns what it printed, unseen. */
  tidegateJson(args: readonly string[], expected?: CommandExpectation): Promise<unknown>
  /** A line of the narrator. */
  say(text: string): void
  /** States a fact that must hold, prints it with a tick, and fails the demo if it does not. */
  check(fact: string, actual: unknown, wanted: unknown): void
  /** The transcripts so far: title → text. Also written as `<transcripts>/<NN>-<title>.txt` at the end of each act. */
  readonly transcripts: ReadonlyMap<string, string>
}

/** A fact of the demo that does not hold. */
export class DemoFailed extends Error {
  override readonly name = 'DemoFailed'
}

/**
 * @param options.directory project folder; made if it is missing
 * @param options.transcripts folder for the texts of the acts. @defaultValue `transcripts` below the project folder
 * @param options.write where the screen is. @defaultValue stdout
 */
export function openStage(options: {
  readonly directory: string
  readonly transcripts?: string
  readonly write?: (text: string) => void
}): Stage {
  const { directory } = options
  const folder = options.transcripts ?? path.join(directory, 'transcripts')
  const write = options.write ?? ((text: string) => process.stdout.write(text))
  const transcripts = new Map<string, string>()
  let text = ''
  mkdirSync(directory, { recursive: true })

  function print(part: string, shown: string = part): void {
    text += part
    write(shown)
  }

  async function tidegate(args: readonly string[], expected: CommandExpectation = {}): Promise<CommandResult> {
    if (expected.quiet !== true) print(`$ tidegate ${args.map((arg) => shellWord(arg)).join(' ')}\n`)
    const { result, killed } = await runTidegate(directory, args, expected.killAt)
    // Progress lines belong to the moment; of a killed command they are all there is.
    const printed = indent(expected.killAt === undefined ? result.stdout : result.stdout + result.stderr)
    if (expected.quiet !== true) print(printed, abridge(printed, SCREEN_LINES))
    if (expected.killAt !== undefined) {
      if (!killed)
        throw new DemoFailed(
          `the kill at ${expected.killAt.phase} never came: exit ${result.exitCode}\n${result.stderr}`,
        )
      print(`  ✗ killed (SIGKILL) at "${expected.killAt.phase}"\n`)
    } else if (result.exitCode !== (expected.exit ?? 0)) {
      throw new DemoFailed(
        `tidegate ${args.join(' ')}: exit ${result.exitCode}, expected ${expected.exit ?? 0}\n${(result.stdout + result.stderr).slice(-2000)}`,
      )
    }
    return result
  }

  return {
    directory,
    transcripts,
    tidegate,
    async act(title, play) {
      text = ''
      const number = transcripts.size + 1
      const startedAt = performance.now()
      write(`\n━━ ${number}. ${title}\n`)
      try {
        await play()
        write(`   (${seconds(performance.now() - startedAt)})\n`)
      } finally {
        transcripts.set(title, text)
        mkdirSync(folder, { recursive: true })
        writeFileSync(path.join(folder, `${String(number).padStart(2, '0')}-${slug(title)}.txt`), text)
      }
    },
    async tidegateJson(args, expected = {}) {
      const { stdout } = await tidegate([...args, '--output', 'json'], { ...expected, quiet: true })
      return JSON.parse(stdout) as unknown
    },
    say: (line) => print(`${line}\n`),
    check(fact, actual, wanted) {
      const [is, shouldBe] = [JSON.stringify(actual), JSON.stringify(wanted)]
      if (is !== shouldBe) throw new DemoFailed(`${fact}: ${is}, expected ${shouldBe}`)
      print(`  ✓ ${fact}: ${is}\n`)
    },
  }
}

async function runTidegate(
  cwd: string,
  args: readonly string[],
  killAt: CommandExpectation['killAt'],
): Promise<{ readonly result: CommandResult; readonly killed: boolean }> {
  const startedAt = performance.now()
  const command = {
    command: process.execPath,
    args: [tidegateBin(), ...args],
    cwd,
    timeoutMs: 300_000,
    env: { NO_COLOR: '1' },
  }
  const end = killAt === undefined ? await runToEnd(command) : await runUntilCrash({ ...command, ...killAt })
  const { stdout, stderr, exitCode } = end
  const result = { stdout, stderr, exitCode, durationMs: performance.now() - startedAt }
  return { result, killed: 'hit' in end && end.hit === true }
}

/** The file that `npx tidegate` would run. */
export function tidegateBin(): string {
  const manifest = createRequire(import.meta.url).resolve('tidegate/package.json')
  return path.join(path.dirname(manifest), 'bin/tidegate.js')
}

/** On the screen; transcripts keep every line. */
const SCREEN_LINES = 28

function abridge(text: string, limit: number): string {
  const lines = text.split('\n')
  if (lines.length <= limit) return text
  const half = Math.floor(limit / 2)
  return [...lines.slice(0, half), `  … ${lines.length - 2 * half} more lines`, ...lines.slice(-half)].join('\n')
}

function indent(text: string): string {
  return text === '' ? '' : `${text.trimEnd().replaceAll(/^(?=.)/gm, '  ')}\n`
}

function shellWord(word: string): string {
  return /^[\w@%+=:,./*{}-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}

function slug(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
