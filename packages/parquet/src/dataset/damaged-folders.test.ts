/** Folders as they are found: pipes, links, tables with logs, checksums beside files. */
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { crc32 } from 'node:zlib'

import { afterAll, expect, test } from 'vitest'

import { diagnoseDataset, type DatasetItem } from './diagnose-dataset.ts'

const root = mkdtempSync(join(tmpdir(), 'tidegate-folders-'))
afterAll(() => {
  chmodSync(root, 0o700)
  rmSync(root, { recursive: true, force: true })
})

function put(path: string, content: string | Uint8Array): string {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
  return file
}

type Told = Extract<DatasetItem, { kind: 'finding' }>

async function told(dir: string): Promise<readonly (readonly [path: string, code: string, message: string])[]> {
  return (await findings(dir)).map(({ path, finding }) => [path, finding.code, finding.message])
}

async function findings(dir: string): Promise<readonly Told[]> {
  const items: Told[] = []
  for await (const item of diagnoseDataset(join(root, dir))) if (item.kind === 'finding') items.push(item)
  return items
}

test('pipes, sockets, links that lead out or nowhere are named, and nothing waits for them', async () => {
  put('odd/a.parquet', 'x')
  put('outside/secret.parquet', 'x')
  execFileSync('mkfifo', [join(root, 'odd/pipe.parquet')])
  symlinkSync(join(root, 'outside/secret.parquet'), join(root, 'odd/out.parquet'))
  symlinkSync(join(root, 'odd/nothing'), join(root, 'odd/dead.parquet'))
  symlinkSync(join(root, 'odd'), join(root, 'odd/loop'))
  const server = createServer().listen(join(root, 'odd/socket.parquet'))
  await new Promise((resolve) => server.once('listening', resolve))
  try {
    expect(await told('odd')).toEqual([
      ['dead.parquet', 'PQ904', 'The link leads to nothing.'],
      ['out.parquet', 'PQ904', expect.stringMatching(/^The link leads out of the folder/)],
      ['pipe.parquet', 'PQ904', 'It is a pipe, a socket or a device, not a file.'],
      ['socket.parquet', 'PQ904', 'It is a pipe, a socket or a device, not a file.'],
    ])
  } finally {
    server.close()
  }
})

test('a link to a file of the folder is read, and is its duplicate', async () => {
  put('links/a.parquet', 'PAR1 no more')
  symlinkSync('a.parquet', join(root, 'links/b.parquet'))
  expect(await told('links')).toEqual([['b.parquet', 'PQ505', expect.stringContaining('a.parquet')]])
})

test('names that are not UTF-8, and names that a terminal would obey, are only names', async () => {
  mkdirSync(join(root, 'names'))
  writeFileSync(Buffer.concat([Buffer.from(join(root, 'names/x')), Buffer.from([0xff]), Buffer.from('.parquet')]), 'x')
  put('names/\u001b[2J\n.parquet', 'x')
  const items: string[] = []
  for await (const item of diagnoseDataset(join(root, 'names'))) if (item.kind !== 'end') items.push(item.path)
  expect(items).toEqual(['\u001b[2J\n.parquet', 'x\ufffd.parquet'])
  expect((await told('names')).map(([, code]) => code)).toEqual(['PQ904'])
})

test.skipIf(process.getuid?.() === 0)('what may not be opened is named; the rest is read', async () => {
  put('locked/inside/a.parquet', 'x')
  chmodSync(put('locked/b.parquet', 'x'), 0)
  chmodSync(join(root, 'locked/inside'), 0)
  expect((await told('locked')).map(([path, code]) => [path, code])).toEqual([
    ['b.parquet', 'PQ904'],
    ['inside', 'PQ904'],
  ])
  chmodSync(join(root, 'locked/inside'), 0o700)
})

test('encrypted files are told, whatever they are named', async () => {
  const encrypted = Buffer.concat([
    Buffer.from('PARE'),
    Buffer.alloc(40, 7),
    Buffer.from([20, 0, 0, 0]),
    Buffer.from('PARE'),
  ])
  put('secret/a.parquet', encrypted)
  put('secret/b.parquet.encrypted', encrypted)
  put('secret/part-0', encrypted)
  const found: [string, string][] = []
  for await (const item of diagnoseDataset(join(root, 'secret')))
    if (item.kind === 'file') found.push([item.path, item.diagnosis.verdict])
    else if (item.kind === 'end') expect(item.summary).toMatchObject({ files: 3, sound: 0, others: 0 })
  expect(found).toEqual([
    ['a.parquet', 'encrypted'],
    ['b.parquet.encrypted', 'encrypted'],
    ['part-0', 'encrypted'],
  ])
})

test('a file without a name that tells is data if it begins as Parquet; other files are counted', async () => {
  put('plain/part-0', 'PAR1xxxxxxxx')
  put('plain/readme.txt', 'hello')
  const items: DatasetItem[] = []
  for await (const item of diagnoseDataset(join(root, 'plain'))) items.push(item)
  expect(items).toMatchObject([
    { kind: 'file', path: 'part-0' },
    { kind: 'end', summary: { files: 1, others: 1 } },
  ])
})

/** A log of three commits: two files added, one removed, one added. */
const LOG = [
  '{"commitInfo":{}}\n{"add":{"path":"day=1/a%20b.parquet","size":20}}\n{"add":{"path":"old.parquet","size":5}}',
  '{"remove":{"path":"old.parquet"}}\n',
  '{"add":{"path":"gone.parquet","size":9}}\n{"add":{"path":"s3://elsewhere/x.parquet","size":9}}\n',
]

function delta(name: string, log: readonly string[]): void {
  for (const [version, text] of log.entries()) put(`${name}/_delta_log/${String(version).padStart(20, '0')}.json`, text)
}

test('a Delta table must be read by its log: which files are live, which have another size, which are not there', async () => {
  delta('table', LOG)
  put('table/day=1/a b.parquet', 'x'.repeat(13))
  put('table/old.parquet', 'x'.repeat(5))
  const items: DatasetItem[] = []
  for await (const item of diagnoseDataset(join(root, 'table'))) items.push(item)
  expect(items).toMatchObject([
    {
      kind: 'finding',
      path: '_delta_log',
      finding: {
        code: 'PQ501',
        severity: 'warn',
        message: expect.stringMatching(/version 2, with 3 live files.*read it by its log\.$/),
        evidence: { version: 2, live: 3, liveFiles: ['day=1/a b.parquet', 'gone.parquet'], elsewhere: 1 },
      },
    },
    { kind: 'file', path: 'day=1/a b.parquet', live: true },
    {
      kind: 'finding',
      path: 'day=1/a b.parquet',
      finding: { code: 'PQ116', evidence: { expectedBytes: 20, sizeBytes: 13 } },
    },
    { kind: 'file', path: 'old.parquet', live: false },
    { kind: 'finding', path: 'gone.parquet', finding: { code: 'PQ116', severity: 'fatal' } },
    { kind: 'end' },
  ])
})

test.each([
  ['commits are missing', { 3: LOG[0] as string }, 'commit 0 is not there'],
  ['a line is broken', { 0: '{"add":\n' }, 'no action'],
  ['a line is a list', { 0: '[]\n' }, 'no action'],
  ['there is none', {}, 'no JSON commit'],
])('where the log is not enough, it says so: %s', async (name, commits: Record<number, string>, because) => {
  mkdirSync(join(root, name, '_delta_log'), { recursive: true })
  for (const [version, text] of Object.entries(commits))
    put(`${name}/_delta_log/${version.padStart(20, '0')}.json`, text)
  put(`${name}/a.parquet`, 'x')
  const [log, ...rest] = await findings(name)
  expect(log?.finding.message).toContain('cannot be told here')
  expect(log?.finding.evidence?.['because']).toContain(because)
  expect(rest).toEqual([])
})

test('an Iceberg table and a Hudi table are recognised by their metadata', async () => {
  put('ice/metadata/00001-x.metadata.json', '{}')
  put('ice/data/a.parquet', 'x')
  put('hudi/.hoodie/20240101.commit', '{}')
  put('plain-metadata/metadata/notes.txt', 'x')
  expect(await told('ice')).toEqual([['metadata', 'PQ501', expect.stringContaining('an Iceberg table')]])
  expect(await told('hudi')).toEqual([['.hoodie', 'PQ501', expect.stringContaining('a Hudi table')]])
  expect(await told('plain-metadata')).toEqual([])
})

function sidecar(bytes: Uint8Array, block: number): Buffer {
  const sums = Buffer.alloc(8 + 4 * Math.ceil(bytes.length / block))
  sums.write('crc\0', 'latin1')
  sums.writeUInt32BE(block, 4)
  for (let at = 0; at < bytes.length; at += block)
    sums.writeUInt32BE(crc32(bytes.subarray(at, at + block)), 8 + (4 * at) / block)
  return sums
}

test('checksums of Hadoop name the bytes that changed: neighbouring blocks as one run', async () => {
  // 5,000 bytes are 9 blocks of 512 and one of 392. Changed: bytes 600 (block 1), 1100 (block 2), 4900 (block 9).
  const bytes = Buffer.alloc(5000, 7)
  put('crc/.a.parquet.crc', sidecar(bytes, 512))
  for (const at of [600, 1100, 4900]) bytes[at] = 8
  put('crc/a.parquet', bytes)
  expect((await findings('crc')).map(({ path, finding }) => ({ path, ...finding }))).toMatchObject([
    {
      path: '.a.parquet.crc',
      code: 'PQ506',
      where: { offset: 512, length: 1024 },
      message: 'a.parquet: 3 of 10 blocks are not as they were written, bytes 512–1535, bytes 4608–4999.',
      evidence: {
        damagedBlocks: 3,
        damagedRuns: 2,
        bytes: [
          [512, 1024],
          [4608, 392],
        ],
      },
    },
  ])
})

test('a file that was cut has fewer blocks than checksums; a sidecar that is none is no alarm', async () => {
  const bytes = Buffer.alloc(5000, 7)
  put('cut/.a.parquet.crc', sidecar(bytes, 512))
  put('cut/a.parquet', bytes.subarray(0, 1024))
  expect((await told('cut'))[0]).toEqual([
    '.a.parquet.crc',
    'PQ506',
    'a.parquet: it has 2 blocks, and checksums were written for 10.',
  ])
  for (const content of ['', 'crc', 'crc\0\0\0\0\0', 'crc\0\xff\xff\xff\xff', 'something else']) {
    put('none/.a.parquet.crc', Buffer.from(content, 'latin1'))
    put('none/a.parquet', bytes)
    expect((await told('none'))[0]).toEqual(['.a.parquet.crc', 'PQ501', expect.stringContaining('is none')])
  }
})

test('unfinished writes are counted and not looked into', async () => {
  put('busy/_temporary/0/a/part-1.parquet', '12345')
  put('busy/_temporary/0/b/part-2.parquet', '123')
  put('busy/x.parquet.inprogress', '12')
  expect(await told('busy')).toEqual([
    ['_temporary', 'PQ502', 'An unfinished write: 2 files, 8 bytes. It was not looked into.'],
    ['x.parquet.inprogress', 'PQ502', 'An unfinished write: 1 file, 2 bytes. It was not looked into.'],
  ])
})
