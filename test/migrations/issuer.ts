// The issuer of a page: real keys, and a server with its metadata and key set, at any path. It is reached without TLS at
// its own address, or with TLS by a client that takes it for the issuer of the page (sides/lambda.ts).

import { once } from 'node:events'
import { createServer as createPlainServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { LOOPBACK_CERTIFICATE, LOOPBACK_KEY } from '../support/loopback-certificate.ts'
import { generateKey, signCompact, type Members, type SigningKey } from '../support/test-issuer.ts'
import type { TokenKit } from './tokens.ts'

export interface PageIssuer {
  /** The `iss` of its tokens. */
  readonly issuer: string
  /** `http://127.0.0.1:4000` or `https://127.0.0.1:4000`. */
  readonly origin: string
  readonly kit: TokenKit
  /** How often the key set was asked for. */
  readonly fetches: () => number
  /** Signs with the newest key. A member that is `undefined` is left out. */
  sign(header: Members, claims: Members): Promise<string>
  /** Signs with a key that is published nowhere, under the `kid` of the newest one. */
  forge(header: Members, claims: Members): Promise<string>
  /** Publishes one more key, and signs with it from now on. */
  addKey(): Promise<void>
  /** Publishes the newest key alone. */
  withdrawOldKeys(): void
  /** Whether it answers with 503 from now on. */
  setDown(isDown: boolean): void
  close(): Promise<void>
}

const without = (members: Members): Members =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))

/** `tls`: its tokens have the `iss` of the page. Without, their `iss` has the address of the server in it. */
export async function startPageIssuer(kit: TokenKit, tls: boolean): Promise<PageIssuer> {
  let made = 1
  let keys: SigningKey[] = [await generateKey('RS256', 'k1')]
  const stranger = await generateKey('RS256', 'stranger')
  let isDown = false
  let fetches = 0
  const answer: RequestListener = ({ url = '' }, response) => {
    const isMetadata = url.endsWith('/openid-configuration') || url.endsWith('/oauth-authorization-server')
    if (!isMetadata) fetches++
    if (isDown) return void response.writeHead(503).end()
    const document = isMetadata
      ? { issuer, jwks_uri: `${issuer.replace(/\/$/, '')}/keys/jwks.json` }
      : { keys: keys.map(({ publicJwk }) => publicJwk) }
    response.setHeader('content-type', 'application/json').end(JSON.stringify(document))
  }
  const server = tls
    ? createTlsServer({ cert: LOOPBACK_CERTIFICATE, key: LOOPBACK_KEY }, answer)
    : createPlainServer(answer)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const authority = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const issuer = tls ? kit.issuer : kit.issuer.replace(/^https:\/\/[^/]+/, `http://${authority}`)
  const signWith = (key: SigningKey, header: Members, claims: Members) =>
    signCompact(key, without({ alg: 'RS256', kid: keys.at(-1)!.kid, ...header }), without(claims))
  return {
    issuer,
    origin: `${tls ? 'https' : 'http'}://${authority}`,
    kit,
    fetches: () => fetches,
    sign: (header, claims) => signWith(keys.at(-1)!, header, claims),
    forge: (header, claims) => signWith(stranger, header, claims),
    addKey: async () => void keys.push(await generateKey('RS256', `k${++made}`)),
    withdrawOldKeys: () => void (keys = keys.slice(-1)),
    setDown: (next) => void (isDown = next),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
