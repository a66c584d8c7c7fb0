// Runs pnpm with the arguments given, at the version that package.json pins. It needs npm alone: unless this script was
// started by that very pnpm, `npx` brings it from the registry. Plain JavaScript, because it runs on the machine's own Node.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

export function pnpm(args, options = {}) {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).devEngines
    .packageManager
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', npm_config_update_notifier: 'false' }
  const [command, ...first] = atHand(version) ?? ['npx', '-y', `pnpm@${version}`]
  const result = spawnSync(command, [...first, ...args], { cwd: root, stdio: 'inherit', env, ...options })
  if (result.error) throw result.error
  return result.status ?? 1
}

function atHand(version) {
  const { npm_config_user_agent: agent, npm_execpath: file } = process.env
  return agent?.startsWith(`pnpm/${version} `) && file && !/\.[cm]?js$/.test(file) ? [file] : undefined
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exit(pnpm(process.argv.slice(2)))
