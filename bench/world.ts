// The world of all contestants: one issuer with a key for each algorithm, its key set on loopback, and tokens of the
// usual size that are all different. Nothing here is timed.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { generateKey, signCompact, type SigningKey } from '../test/support/test-issuer.ts'

export const ALGORITHMS = ['RS256', 'ES256', 'EdDSA', 'PS256'] as const
export type Algorithm = (typeof ALGORITHMS)[number]

export const AUDIENCE = 'https://api.example.com'
export const SCOPE = 'orders:read'

/** Signatures in flight: enough for all threads that can sign, and some that wait. */
const SIGNED_AT_ONCE = 64

export interface World {
  readonly issuer: string
  readonly jwksUri: string
  readonly keys: Readonly<Record<Algorithm, SigningKey>>
  /** A token that no contestant has seen. */
  token(algorithm: Algorithm, change?: Readonly<Record<string, unknown>>): Promise<string>
  tokens(algorithm: Algorithm, count: number): Promise<string[]>
  close(): Promise<void>
}

export async function startWorld(): Promise<World> {
  const pairs = ALGORITHMS.map(
    async (algorithm) => [algorithm, await generateKey(algorithm, `key-${algorithm}`)] as const,
  )
  const keys = Object.fromEntries(await Promise.all(pairs)) as Record<Algorithm, SigningKey>
  const published = JSON.stringify({ keys: Object.values(keys).map(({ publicJwk }) => publicJwk) })
  const server = createServer((request, response) => {
    const document =
      request.url === '/jwks' ? published : JSON.stringify({ issuer, jwks_uri: `${issuer}/jwks` })
    response.setHeader('content-type', 'application/json').end(document)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  function token(algorithm: Algorithm, change: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const key = keys[algorithm]
    const now = Math.floor(Date.now() / 1000)
    const header = { alg: algorithm, typ: 'at+jwt', kid: key.kid }
    return signCompact(key, header, {
      iss: issuer,
      sub: 'auth0|5f7c8ec7c33c6c004bbafe82',
      aud: [AUDIENCE, 'https://login.example.com/userinfo'],
      client_id: 'orders-web',
      jti: crypto.randomUUID(),
      iat: now - 5,
      exp: now + 3_600,
      scope: `openid profile ${SCOPE} orders:write`,
      ...change,
    })
  }

  async function tokens(algorithm: Algorithm, count: number): Promise<string[]> {
    const made: string[] = []
    while (made.length < count) {
      const some = Math.min(SIGNED_AT_ONCE, count - made.length)
      made.push(...(await Promise.all(Array.from({ length: some }, () => token(algorithm)))))
    }
    return made
  }

  return {
    issuer,
    jwksUri: `${issuer}/jwks`,
    keys,
    token,
    tokens,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
