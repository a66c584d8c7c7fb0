/** Certificates for one test: an authority, and what it signs for a server. */
import { webcrypto } from 'node:crypto'
// The library asks for it.
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'

export interface KeyAndCertificate {
  /** PEM. */
  readonly key: string
  readonly cert: string
}

export interface Authority {
  /** PEM. */
  readonly cert: string
  /** For these names and addresses; valid from an hour ago until `endsInMs`, one hour where it is not given. */
  sign(names: readonly string[], endsInMs?: number): Promise<KeyAndCertificate>
}

const HOUR_MS = 3_600_000
const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

export async function makeAuthority(nowMs: number): Promise<Authority> {
  const own = await keys()
  const subject = 'CN=Test authority'
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: subject,
    ...validity(nowMs, HOUR_MS),
    signingAlgorithm: ECDSA,
    keys: own,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  })
  return {
    cert: root.toString('pem'),
    async sign(names, endsInMs = HOUR_MS) {
      const pair = await keys()
      const leaf = await x509.X509CertificateGenerator.create({
        serialNumber: '02',
        subject: 'CN=Test server',
        issuer: subject,
        ...validity(nowMs, endsInMs),
        signingAlgorithm: ECDSA,
        publicKey: pair.publicKey,
        signingKey: own.privateKey,
        extensions: [
          new x509.SubjectAlternativeNameExtension(
            names.map((value) => ({ type: /^[\d.]+$/.test(value) ? 'ip' : 'dns', value })),
          ),
        ],
      })
      return { key: await pem(pair.privateKey), cert: leaf.toString('pem') }
    },
  }
}

async function keys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ECDSA, true, ['sign', 'verify'])
}

function validity(nowMs: number, endsInMs: number): { readonly notBefore: Date; readonly notAfter: Date } {
  return { notBefore: new Date(nowMs - HOUR_MS), notAfter: new Date(nowMs + endsInMs) }
}

async function pem(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')
}
