import { createHmac } from 'node:crypto'

/** Keys shorter than this can be guessed; the specification asks for 24 to 64 bytes. */
const SHORTEST_KEY_BYTES = 24

/**
 * The value of `webhook-signature`: `v1,<base64 HMAC-SHA256 of "id.timestamp.body">`, one per secret, separated by spaces,
 * so that a secret can be replaced while both are in use. Undefined where a secret is not `whsec_` and base64 of at
 * least 24 bytes.
 *
 * @param secret one or more secrets, separated by spaces
 */
export function signWebhook(
  secret: string,
  message: { readonly id: string; readonly timestampSeconds: number; readonly body: string },
): string | undefined {
  const keys = secret
    .split(/\s+/)
    .filter((part) => part !== '')
    .map((part) => decodeSecret(part))
  if (keys.length === 0) return undefined
  const signatures: string[] = []
  for (const key of keys) {
    if (key === undefined) return undefined
    const content = `${message.id}.${message.timestampSeconds}.${message.body}`
    signatures.push(`v1,${createHmac('sha256', key).update(content).digest('base64')}`)
  }
  return signatures.join(' ')
}

function decodeSecret(secret: string): Buffer | undefined {
  const text = secret.startsWith('whsec_') ? secret.slice('whsec_'.length) : secret
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined
  const key = Buffer.from(text, 'base64')
  return key.length >= SHORTEST_KEY_BYTES ? key : undefined
}
