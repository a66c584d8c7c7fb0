/** Damage to the file as a whole: ends, wrappings, joins, and files that are something else. */
import { crc32, deflateRawSync, gzipSync, zstdCompressSync } from 'node:zlib'

import type { FindingCode } from '@tidegate/core'

import { zstdFrame } from '../compress-body.ts'
import { expected, LOSSLESS, type Change, type Expected, type Mutation, type MutationInput } from '../mutation.ts'
import type { Splice } from '../splices.ts'

export const CONTAINER_MUTATIONS: readonly Mutation[] = [
  replaced('empty', () => new Uint8Array(), expected([['PQ101']], { verdicts: ['unrecoverable'] })),
  replaced('only-magic', () => text('PAR1'), expected([['PQ102']], { verdicts: ['unrecoverable'] })),
  replaced('two-magics', () => text('PAR1PAR1'), expected([['PQ102']], { verdicts: ['unrecoverable'] })),
  ...[1, 2, 3].map((missing) =>
    spliced(`last-${missing}-missing`, ({ file: { bytes } }) => ({
      splices: [remove(bytes.length - missing, missing)],
      expected: expected([['PQ106']], { verdicts: LOSSLESS, evidence: { PQ106: { missingBytes: missing } } }),
    })),
  ),
  // Length and footer are in place: nothing is lost but four known bytes.
  spliced('tail-magic-zeroed', ({ file: { layout } }) => ({
    splices: [put(layout.tailMagic[0], new Uint8Array(4))],
    expected: expected([['PQ105']], { verdicts: LOSSLESS }),
  })),
  spliced('tail-magic-other', ({ file: { layout }, random }) => ({
    // Lower-case letters never end with the first bytes of PAR1.
    splices: [
      put(
        layout.tailMagic[0],
        Uint8Array.from({ length: 4 }, () => 97 + random.below(26)),
      ),
    ],
    expected: expected([['PQ105']], { verdicts: LOSSLESS }),
  })),
  spliced('head-magic-zeroed', () => ({
    splices: [put(0, new Uint8Array(4))],
    expected: expected([['PQ104']], { verdicts: LOSSLESS }),
  })),
  appended('zeros-16-behind', () => new Uint8Array(16), 'zeros'),
  appended('zeros-to-4096', ({ file }) => new Uint8Array(4096 - (file.bytes.length % 4096)), 'zeros'),
  appended('newline-behind', () => text('\n'), 'newline'),
  appended('random-1024-behind', ({ random }) => random.bytes(1024), 'other'),
  prepended('byte-order-mark-before', () => Uint8Array.of(0xef, 0xbb, 0xbf)),
  prepended('byte-before', ({ random }) => random.bytes(1)),
  prepended('random-4096-before', ({ random }) => random.bytes(4096)),
  spliced('joined-with-itself', ({ file: { bytes } }) => ({
    splices: [insert(bytes.length, bytes)],
    expected: expected([['PQ109']], { verdicts: LOSSLESS, evidence: { PQ109: { firstFileBytes: bytes.length } } }),
  })),
  spliced('other-joined-behind', ({ file: { bytes }, other }) => ({
    splices: [insert(bytes.length, other.bytes)],
    expected: expected([['PQ109']], {
      // Files with other columns cannot become one.
      verdicts: ['repairable-lossless', 'repairable-lossy'],
      evidence: { PQ109: { firstFileBytes: bytes.length } },
    }),
  })),
  spliced('cut-behind-other', ({ file: { bytes, layout }, other, random }) => {
    const cut = layout.data[0] + 1 + random.below(layout.data[1] - layout.data[0] - 1)
    return {
      splices: [insert(0, other.bytes), remove(cut, bytes.length - cut)],
      expected: expected([['PQ109']], {
        may: ['PQ105', 'PQ107', 'PQ201'],
        verdicts: ['repairable-lossy'],
        evidence: { PQ109: { firstFileBytes: other.bytes.length } },
      }),
    }
  }),
  packed('gzip', (bytes) => gzipSync(bytes)),
  packed('zstd', (bytes) => zstdCompressSync(bytes)),
  // The last bytes are PAR1 all the same.
  packed('zstd', zstdFrame, 'stored'),
  packed('zip', zipOf),
  ...[
    ['csv', 'id,name\n1,a\n2,b\n3,c\n'],
    ['json', '{"error": "not found", "rows": []}\n'],
    ['html', '<!DOCTYPE html>\n<html><body><h1>404 Not Found</h1></body></html>\n'],
    ['lfs-pointer', `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 12345\n`],
  ].map(([name, content]) =>
    replaced(`${name}-instead`, () => text(content ?? ''), expected([['PQ103']], { verdicts: ['not-parquet'] })),
  ),
  spliced('line-ends-to-crlf', ({ file: { bytes } }) => {
    const places = [...bytes.keys()].filter((at) => bytes[at] === 10)
    if (places.length === 0) return undefined
    return {
      splices: places.map((at) => insert(at, Uint8Array.of(13))),
      // Of a few line ends nobody can tell a transfer from other damage.
      expected: expected([places.length >= 16 ? ['PQ111'] : ['PQ111', 'PQ115', ...FOOTER_CODES]], {
        may: ['PQ105', ...FOOTER_CODES],
      }),
    }
  }),
  spliced('utf8-round-trip', ({ file: { bytes } }) => {
    const splices = invalidUtf8(bytes).map(([start, end]) => ({
      offset: start,
      length: end - start,
      bytes: Uint8Array.of(0xef, 0xbf, 0xbd),
    }))
    if (splices.length < 16) return undefined
    return {
      splices,
      expected: expected([['PQ111']], {
        may: ['PQ105', ...FOOTER_CODES],
        verdicts: ['unrecoverable', 'repairable-lossy'],
      }),
    }
  }),
  spliced('encrypted-magic', ({ file: { layout } }) => ({
    splices: [put(0, text('PARE')), put(layout.tailMagic[0], text('PARE'))],
    expected: expected([['PQ112']], { verdicts: ['encrypted'] }),
  })),
]

const FOOTER_CODES: readonly FindingCode[] = ['PQ201', 'PQ202', 'PQ203', 'PQ204', 'PQ205', 'PQ208', 'PQ209', 'PQ301']

function spliced(
  kind: string,
  make: (input: MutationInput) => { readonly splices: readonly Splice[]; readonly expected: Expected } | undefined,
): Mutation {
  const apply = (input: MutationInput): Change | undefined => {
    const made = make(input)
    return made && { kind: 'splices', ...made }
  }
  return { family: 'container', kind, apply }
}

function replaced(kind: string, make: () => Uint8Array, outcome: Expected): Mutation {
  return {
    family: 'container',
    kind,
    apply: () => ({ kind: 'replaced', bytes: make(), packed: false, expected: outcome }),
  }
}

function packed(kind: string, pack: (bytes: Uint8Array) => Uint8Array, how?: string): Mutation {
  const apply = ({ file }: MutationInput): Change => ({
    kind: 'replaced',
    bytes: new Uint8Array(pack(file.bytes)),
    packed: true,
    expected: expected([['PQ110']], {
      verdicts: ['repairable-lossless', 'not-parquet'],
      evidence: { PQ110: { detected: kind } },
    }),
  })
  return { family: 'container', kind: `packed-in-${how === undefined ? '' : `${how}-`}${kind}`, apply }
}

function appended(kind: string, make: (input: MutationInput) => Uint8Array, content: string): Mutation {
  return spliced(kind, (input) => {
    const bytes = make(input)
    return {
      splices: [insert(input.file.bytes.length, bytes)],
      expected: expected([['PQ107']], {
        verdicts: LOSSLESS,
        evidence: { PQ107: { trailingBytes: bytes.length, content } },
      }),
    }
  })
}

function prepended(kind: string, make: (input: MutationInput) => Uint8Array): Mutation {
  return spliced(kind, (input) => {
    const bytes = make(input)
    return {
      splices: [insert(0, bytes)],
      expected: expected([['PQ108']], {
        level: 'footer',
        verdicts: LOSSLESS,
        evidence: { PQ108: { leadingBytes: bytes.length } },
      }),
    }
  })
}

function insert(offset: number, bytes: Uint8Array): Splice {
  return { offset, length: 0, bytes }
}

function remove(offset: number, length: number): Splice {
  return { offset, length, bytes: new Uint8Array() }
}

function put(offset: number, bytes: Uint8Array): Splice {
  return { offset, length: bytes.length, bytes }
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value)
}

/** Ranges that a decoder turns into U+FFFD, one per replacement as TextDecoder makes them. */
function invalidUtf8(bytes: Uint8Array): [number, number][] {
  const ranges: [number, number][] = []
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at)
    if (length > 0) at += length
    else {
      const end = at + invalidLength(bytes, at)
      ranges.push([at, end])
      at = end
    }
  }
  return ranges
}

/** Bytes of the valid sequence at `at`, 0 where there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] as number
  const length =
    first < 0x80
      ? 1
      : first >= 0xc2 && first < 0xe0
        ? 2
        : first >= 0xe0 && first < 0xf0
          ? 3
          : first >= 0xf0 && first < 0xf5
            ? 4
            : 0
  return length > 0 && invalidLength(bytes, at) >= length ? length : 0
}

/** The first byte with as many following ones as a sequence could have. */
function invalidLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] as number
  const wanted =
    first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 1
  let length = 1
  while (length < wanted && isContinuation(bytes, at, length)) length++
  return length
}

function isContinuation(bytes: Uint8Array, at: number, index: number): boolean {
  const byte = bytes[at + index]
  if (byte === undefined || byte < 0x80 || byte > 0xbf) return false
  if (index > 1) return true
  const first = bytes[at] as number
  if (first === 0xe0) return byte >= 0xa0
  if (first === 0xed) return byte < 0xa0
  if (first === 0xf0) return byte >= 0x90
  return first !== 0xf4 || byte < 0x90
}

/** A zip archive with one deflated file. */
function zipOf(bytes: Uint8Array): Uint8Array {
  const body = deflateRawSync(bytes)
  const name = Buffer.from('data.parquet')
  const common = Buffer.alloc(26)
  common.writeUInt16LE(20, 0)
  common.writeUInt16LE(8, 4)
  common.writeUInt32LE(crc32(bytes), 10)
  common.writeUInt32LE(body.length, 14)
  common.writeUInt32LE(bytes.length, 18)
  common.writeUInt16LE(name.length, 22)
  const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, name, body])
  const central = Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, Buffer.alloc(14), name])
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(1, 8)
  end.writeUInt16LE(1, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(local.length, 16)
  return Buffer.concat([local, central, end])
}
