import { expect, test } from 'vitest'
import { readArguments } from './read-arguments.ts'

const DEFAULTS = { directory: '.', environment: undefined, set: [], host: undefined, port: undefined, logLevel: 'info' }

test('nothing said: the current folder, and what the configuration says', () => {
  expect(readArguments([], {})).toEqual({ kind: 'ok', arguments: DEFAULTS })
})

test('a word wins over the environment, and the environment over nothing', () => {
  const env = { TIDEGATE_DIRECTORY: '/a', TIDEGATE_PORT: '1', TIDEGATE_HOST: '::1', TIDEGATE_ENV: 'prod' }
  expect(readArguments(['-C', '/b', '--port', '8080', '--set', 'a=1', '--set', 'b=2'], env)).toEqual({
    kind: 'ok',
    arguments: { ...DEFAULTS, directory: '/b', host: '::1', port: 8080, environment: 'prod', set: ['a=1', 'b=2'] },
  })
})

test('a variable that is set to nothing says nothing', () => {
  const env = { TIDEGATE_DIRECTORY: '', TIDEGATE_PORT: '', TIDEGATE_HOST: '', TIDEGATE_LOG_LEVEL: '' }
  expect(readArguments([], env)).toEqual({ kind: 'ok', arguments: DEFAULTS })
})

test.each([
  [['--port', '65536'], 'a port is a number up to 65535'],
  [['--port', '80x'], 'a port is a number up to 65535'],
  [['--port', '-1'], "'--port' argument is ambiguous"],
  [['--log-level', 'loud'], 'debug, info, warn, error'],
  [['--prot', '80'], "Unknown option '--prot'"],
  [['here'], 'Unexpected argument'],
  [['--host'], 'argument missing'],
])('%j is a mistake that is named', (argv, part) => {
  const read = readArguments(argv, {})
  expect(read.kind === 'mistake' ? read.message : read).toContain(part)
})

test('a mistake in the environment is one, too', () => {
  expect(readArguments([], { TIDEGATE_PORT: 'http' })).toMatchObject({ kind: 'mistake' })
})

test('help and version ask for nothing else', () => {
  expect(readArguments(['--help', '--port', 'x'], {})).toEqual({ kind: 'help' })
  expect(readArguments(['-V'], {})).toEqual({ kind: 'version' })
})
