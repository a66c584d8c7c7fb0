/** Compares a[aFrom, aTo) with b[0, bTo), byte by byte, unsigned; the shorter one comes first. */
export function compareBytes(a: Uint8Array, aFrom: number, aTo: number, b: Uint8Array, bTo: number): number {
  const length = Math.min(aTo - aFrom, bTo)
  const near = Math.min(length, 16)
  for (let index = 0; index < near; index++) {
    const difference = (a[aFrom + index] as number) - (b[index] as number)
    if (difference !== 0) return difference
  }
  if (length > near) {
    const far = Buffer.compare(a.subarray(aFrom + near, aFrom + length), b.subarray(near, length))
    if (far !== 0) return far
  }
  return aTo - aFrom - bTo
}

/** Compares two whole numbers of any length, big-endian two's complement. No bytes are zero. */
export function compareSigned(a: Uint8Array, aFrom: number, aTo: number, b: Uint8Array, bTo: number): number {
  const aNegative = aTo > aFrom && (a[aFrom] as number) > 127
  const bNegative = bTo > 0 && (b[0] as number) > 127
  if (aNegative !== bNegative) return aNegative ? -1 : 1
  const fill = aNegative ? 255 : 0
  const aStart = skip(a, aFrom, aTo, fill)
  const bStart = skip(b, 0, bTo, fill)
  const longer = aTo - aStart - (bTo - bStart)
  if (longer !== 0) return aNegative ? -longer : longer
  return compareBytes(a, aStart, aTo, bStart === 0 ? b : b.subarray(bStart, bTo), bTo - bStart)
}

/** Behind bytes that only repeat the sign. */
function skip(bytes: Uint8Array, from: number, to: number, fill: number): number {
  let at = from
  while (at < to && bytes[at] === fill) at++
  return at
}

/** The number in big-endian two's complement. */
export function toSigned(bytes: Uint8Array): bigint {
  const hex = Buffer.from(bytes).toString('hex')
  return hex === '' ? 0n : BigInt.asIntN(bytes.length * 8, BigInt(`0x${hex}`))
}

/** The shortest bytes of a number in big-endian two's complement. */
export function fromSigned(value: bigint): Uint8Array {
  let length = 1
  while (BigInt.asIntN(length * 8, value) !== value) length++
  const hex = BigInt.asUintN(length * 8, value)
    .toString(16)
    .padStart(length * 2, '0')
  return Buffer.from(hex, 'hex')
}
