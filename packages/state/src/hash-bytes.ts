/** A SHA-256 in hexadecimal as its 32 bytes. Any other text (a store's checksum) as `=` and its UTF-8, never 32 bytes long. */
export function toHashBytes(hash: string): Buffer {
  if (SHA256.test(hash)) return Buffer.from(hash, 'hex')
  const text = Buffer.from(`=${hash}`)
  return text.length === 32 ? Buffer.concat([text, END]) : text
}

export function fromHashBytes(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (buffer.length === 32) return buffer.toString('hex')
  return buffer.toString('utf8', 1, buffer.length === 33 && buffer[32] === 0 ? 32 : buffer.length)
}

const SHA256 = /^[0-9a-f]{64}$/
const END = Buffer.alloc(1)
