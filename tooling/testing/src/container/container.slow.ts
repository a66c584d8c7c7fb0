/**
 * What the image would hold, run as it would run: the very output of `pnpm deploy`, as a user without a name or rights, under
 * a root file system that is read-only. Needs root on Linux, for the mounts; a machine without an engine has that.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, readFileSync, realpathSync } from 'node:fs'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runCommand } from '../packed-project.ts'
import { makeTempProject } from '../temp-project.ts'
import { WORKSPACE } from '../workspace-files.ts'

const USER = 10_001
const PORT = 43_917
const PROJECT = `
version: 1
sources:
  orders:
    path: landing/*.csv
    ready: { settle: 0s }
    on_missing_contract: profile
    schedule: { every: 2s }
`
/** A world of its own: nothing can be written but the project and /tmp. */
const WORLD = `
set -eu
mount -t tmpfs tmpfs /mnt
mkdir /mnt/app /mnt/project
mount --bind "$APP" /mnt/app
mount -o remount,ro,bind /mnt/app
mount --bind "$PROJECT" /mnt/project
touch /mnt/node
mount --bind "$NODE" /mnt/node
mount -o remount,ro /mnt
mount -t tmpfs -o mode=1777,size=256m tmpfs /tmp
mount -o remount,ro,bind /
cd /mnt/project
exec setpriv --reuid ${USER} --regid ${USER} --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all "$@"
`

const temp = makeTempProject({ 'project/tidegate.yaml': PROJECT, 'project/landing/a.csv': 'id,amount\n1,5\n2,6\n' })
const canMount = process.platform === 'linux' && process.getuid?.() === 0

describe.runIf(canMount || process.env['CI'] !== undefined)('the image, without an engine', () => {
  beforeAll(async () => {
    const pnpm = path.join(WORKSPACE, 'tooling/scripts/pnpm.mjs')
    const deploy = ['--filter', 'tidegate-daemon', '--prod', 'deploy', temp.at('app')]
    const deployed = await runCommand(WORKSPACE, process.execPath, [pnpm, ...deploy])
    expect(deployed, deployed.stderr).toMatchObject({ exitCode: 0 })
    for (const place of ['', 'landing', 'tidegate.yaml', 'landing/a.csv'])
      chownSync(temp.at('project', place), USER, USER)
    mkdirSync(temp.at('outside'))
    chmodSync(temp.directory, 0o755)
  }, 300_000)
  afterAll(() => temp.remove())

  test('nothing outside the project and /tmp can be written', () => {
    const script = [
      'for f in /etc/x /mnt/app/x /mnt/x /x /tmp/x ./x; do touch $f 2>/dev/null && echo $f; done; id -u; rm -f x',
    ]
    const { stdout } = inside(['bash', '-c', ...script])
    expect(stdout.trim().split('\n')).toEqual(['/tmp/x', './x', String(USER)])
  })

  test('an address for others is refused as long as there is no token', () => {
    const { status, stderr } = inside(daemon('0.0.0.0'))
    expect(stderr).toContain('SERVER_NEEDS_TOKEN')
    expect(status).toBe(2)
  }, 60_000)

  test('it loads what lands, is healthy, asks for the token, and ends within its time', async () => {
    const made = inside([
      '/mnt/app/node_modules/.bin/tidegate',
      'token',
      'create',
      '--name',
      't',
      '--scope',
      'run',
      '-o',
      'json',
    ])
    expect(made.stderr).toBe('')
    const { token } = JSON.parse(made.stdout) as { token: { secret: string } }
    const child = start(daemon('0.0.0.0'))
    let log = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (log += text))
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (log += text))
    try {
      await expect.poll(() => log, { timeout: 60_000 }).toContain('"event":"listening"')
      expect((await ask('/api/v1/runs')).status).toBe(401)
      const headers = { authorization: `Bearer ${token.secret}` }
      const states = async (): Promise<readonly string[]> => {
        const { items } = (await (await ask('/api/v1/runs', headers)).json()) as { items: { state: string }[] }
        return items.map(({ state }) => state)
      }
      await expect.poll(states, { timeout: 60_000 }).toContain('ok')
      expect(inside(['/mnt/node', '/mnt/app/bin/healthcheck.js'], { TIDEGATE_PORT: String(PORT) }).status).toBe(0)
      expect(readFileSync(`/proc/${daemonPid(child)}/status`, 'utf8')).toMatch(new RegExp(`^Uid:\\t${USER}\\t`, 'm'))
      const askedAt = performance.now()
      const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
      process.kill(daemonPid(child), 'SIGTERM')
      expect(await ended, log).toBe(0)
      expect(performance.now() - askedAt).toBeLessThan(25_000)
      const health = inside(['/mnt/node', '/mnt/app/bin/healthcheck.js'], { TIDEGATE_PORT: String(PORT) })
      expect(health.status).toBe(1)
    } finally {
      child.kill('SIGKILL')
    }
    expect(log).not.toContain(token.secret)
  }, 180_000)
})

function daemon(host: string): readonly string[] {
  return ['/mnt/node', '/mnt/app/bin/tidegate-daemon.js', '--host', host, '--port', String(PORT)]
}

function world(words: readonly string[], env: Readonly<Record<string, string>> = {}): Parameters<typeof spawnSync> {
  const places = { APP: temp.at('app'), PROJECT: temp.at('project'), NODE: realpathSync(process.execPath) }
  const args = ['--mount', '--propagation', 'private', 'bash', '-c', WORLD, 'world', ...words]
  return [
    'unshare',
    args,
    { env: { PATH: '/mnt:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/tmp', NODE_ENV: 'production', ...places, ...env } },
  ]
}

function inside(
  words: readonly string[],
  env?: Readonly<Record<string, string>>,
): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const [command, args, options] = world(words, env)
  return spawnSync(command, args ?? [], { ...options, encoding: 'utf8' })
}

function start(words: readonly string[]): ChildProcess {
  const [command, args, options] = world(words)
  return spawn(command, args ?? [], { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
}

/** unshare, bash and setpriv hand over by exec: the daemon has the id of the first of them. */
function daemonPid(child: ChildProcess): number {
  return child.pid ?? 0
}

async function ask(where: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await fetch(`http://127.0.0.1:${PORT}${where}`, { headers })
    } catch (error) {
      if (tries > 20) throw error
      await setTimeout(250)
    }
  }
}
