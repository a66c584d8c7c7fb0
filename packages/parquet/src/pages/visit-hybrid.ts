/** Hands out the runs of a sound RLE / bit-packed hybrid: a value and how often it follows itself. */
export function visitHybrid(
  bytes: Uint8Array,
  from: number,
  count: number,
  bitWidth: number,
  visit: (value: number, times: number) => void,
): void {
  const valueBytes = (bitWidth + 7) >> 3
  const size = 2 ** bitWidth
  let at = from
  let done = 0
  while (done < count && at < bytes.length) {
    let header = 0
    let factor = 1
    let byte = 128
    while (byte >= 128 && at < bytes.length) {
      byte = bytes[at++] as number
      header += (byte & 127) * factor
      factor *= 128
    }
    const length = Math.floor(header / 2)
    if (header % 2 === 0) {
      let value = 0
      for (let index = valueBytes - 1; index >= 0; index--) value = value * 256 + (bytes[at + index] ?? 0)
      at += valueBytes
      visit(value, Math.min(length, count - done))
      done += length
      continue
    }
    const packed = Math.min(length * 8, count - done)
    if (bitWidth === 0) visit(0, packed)
    else {
      let next = at
      let held = 0
      let bits = 0
      for (let index = 0; index < packed; index++) {
        while (bits < bitWidth) {
          held += (bytes[next++] ?? 0) * 2 ** bits
          bits += 8
        }
        const rest = Math.floor(held / size)
        visit(held - rest * size, 1)
        held = rest
        bits -= bitWidth
      }
    }
    at += length * bitWidth
    done += packed
  }
}
