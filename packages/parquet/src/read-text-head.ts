import { open } from 'node:fs/promises'

/** The first `bytes` bytes of a UTF-8 file as text, without its byte order mark. */
export async function readTextHead(path: string, bytes: number): Promise<string> {
  const handle = await open(path, 'r')
  try {
    const buffer = Buffer.alloc(bytes)
    const { bytesRead } = await handle.read(buffer, 0, bytes, 0)
    return new TextDecoder('utf-8').decode(buffer.subarray(0, bytesRead))
  } finally {
    await handle.close()
  }
}
