// An issuer for the case rows: real keys, a real HTTP server for its metadata and key set, and a signer that writes any
// header and claims, even as raw text. It counts the fetches.

import { base64url } from 'jose'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type TestAlgorithm = 'RS256' | 'RS512' | 'PS256' | 'ES256' | 'EdDSA'

const RSA = { modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) }

const GENERATE = {
  RS256: { name: 'RSASSA-PKCS1-v1_5', ...RSA, hash: 'SHA-256' },
  RS512: { name: 'RSASSA-PKCS1-v1_5', ...RSA, hash: 'SHA-512' },
  PS256: { name: 'RSA-PSS', ...RSA, hash: 'SHA-256' },
  ES256: { name: 'ECDSA', namedCurve: 'P-256' },
  EdDSA: { name: 'Ed25519' },
} as const

const SIGN = {
  RS256: { name: 'RSASSA-PKCS1-v1_5' },
  RS512: { name: 'RSASSA-PKCS1-v1_5' },
  PS256: { name: 'RSA-PSS', saltLength: 32 },
  ES256: { name: 'ECDSA', hash: 'SHA-256' },
  EdDSA: { name: 'Ed25519' },
} as const

export interface SigningKey {
  readonly algorithm: TestAlgorithm
  readonly kid: string
  readonly privateKey: CryptoKey
  readonly publicJwk: Record<string, unknown>
}

export async function generateKey(algorithm: TestAlgorithm, kid: string): Promise<SigningKey> {
  const pair = (await crypto.subtle.generateKey(GENERATE[algorithm], true, [
    'sign',
    'verify',
  ])) as CryptoKeyPair
  const { key_ops: _, ext: __, alg: ___, ...jwk } = await crypto.subtle.exportKey('jwk', pair.publicKey)
  return {
    algorithm,
    kid,
    privateKey: pair.privateKey,
    publicJwk: { ...jwk, kid, alg: algorithm, use: 'sig' },
  }
}

/** The same RSA key material for another algorithm. */
export async function asAlgorithm(
  key: SigningKey,
  algorithm: 'RS256' | 'RS512' | 'PS256',
): Promise<SigningKey> {
  const { alg: _, key_ops: __, ...jwk } = await crypto.subtle.exportKey('jwk', key.privateKey)
  const privateKey = await crypto.subtle.importKey('jwk', jwk, GENERATE[algorithm], true, ['sign'])
  return { ...key, algorithm, privateKey }
}

const encode = (part: unknown): string =>
  base64url.encode(part instanceof Uint8Array ? part : typeof part === 'string' ? part : JSON.stringify(part))

/** Signs any header and payload: objects, raw JSON text or raw bytes. */
export async function signCompact(key: SigningKey, header: unknown, payload: unknown): Promise<string> {
  const input = `${encode(header)}.${encode(payload)}`
  const signature = await crypto.subtle.sign(
    SIGN[key.algorithm],
    key.privateKey,
    new TextEncoder().encode(input),
  )
  return `${input}.${base64url.encode(new Uint8Array(signature))}`
}

export type Members = Readonly<Record<string, unknown>>

const without = (members: Members): Members =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))

export interface TestIssuer {
  readonly issuer: string
  readonly jwksUri: string
  readonly keys: readonly SigningKey[]
  /** How often the key set has been fetched. */
  readonly fetches: () => number
  /** How many requests of any kind the server has received. */
  readonly requests: () => number
  /** Replaces the answers of the server; `null` restores them. */
  answerWith(answer: ((request: IncomingMessage, response: ServerResponse) => void) | null): void
  /** Replaces the published keys. */
  publish(keys: readonly unknown[]): void
  /** A valid access token, except the given members; `undefined` removes one. */
  token(change?: { header?: Members; claims?: Members; key?: SigningKey }): Promise<string>
  /** The header and claims that `token` would sign. */
  members(change?: { header?: Members; claims?: Members; key?: SigningKey }): {
    header: Members
    claims: Members
  }
  close(): Promise<void>
}

export interface TestIssuerOptions {
  readonly audience: string
  readonly keys: readonly SigningKey[]
}

export async function startTestIssuer({ audience, keys }: TestIssuerOptions): Promise<TestIssuer> {
  let published: readonly unknown[] = keys.map((key) => key.publicJwk)
  let answer: ((request: IncomingMessage, response: ServerResponse) => void) | null = null
  let fetches = 0
  let requests = 0
  const server = createServer((request, response) => {
    requests++
    if (request.url === '/jwks') fetches++
    if (answer !== null) return answer(request, response)
    const document = request.url === '/jwks' ? { keys: published } : { issuer: url, jwks_uri: `${url}/jwks` }
    response.setHeader('content-type', 'application/json').end(JSON.stringify(document))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  function members({
    header = {},
    claims = {},
    key = keys[0]!,
  }: { header?: Members; claims?: Members; key?: SigningKey } = {}) {
    const now = Math.floor(Date.now() / 1000)
    return {
      header: without({ alg: key.algorithm, typ: 'at+jwt', kid: key.kid, ...header }),
      claims: without({
        iss: url,
        sub: 'user-1',
        aud: audience,
        client_id: 'client-1',
        jti: crypto.randomUUID(),
        iat: now - 5,
        exp: now + 600,
        scope: 'read',
        ...claims,
      }),
    }
  }

  return {
    issuer: url,
    jwksUri: `${url}/jwks`,
    keys,
    fetches: () => fetches,
    requests: () => requests,
    answerWith: (next) => void (answer = next),
    publish: (next) => void (published = next),
    members,
    async token(change = {}) {
      const { header, claims } = members(change)
      return signCompact(change.key ?? keys[0]!, header, claims)
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
