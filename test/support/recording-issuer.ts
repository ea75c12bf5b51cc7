// One server for every kind of request to an issuer: metadata and a key set, userinfo, introspection, and a provider's
// token check. The test decides each answer.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { LanekeeperConfig } from '../../shared/index.ts'
import { LOOPBACK_CERTIFICATE, LOOPBACK_KEY } from './loopback-certificate.ts'
import { generateKey, signCompact } from './test-issuer.ts'

const AUDIENCE = 'https://api.asked.example'
const EMAIL = 'ada@asked.example'

/** Sends the document, or a faulty answer. */
export type Send = (request: IncomingMessage, response: ServerResponse, document: string) => unknown

export const send: Send = (_, response, document) =>
  response.setHeader('content-type', 'application/json').end(document)

export interface RecordingIssuer {
  readonly url: string
  readonly config: LanekeeperConfig
  readonly env: Readonly<Record<string, string>>
  /** The requests since the last call: paths and header fields. */
  takeSeen(): readonly IncomingMessage[]
  answerWith(send: Send): void
  /**
   * For each kind of request: the paths that a token causes requests to, and the code of the failure if no answer is
   * good.
   */
  readonly ways: Readonly<Record<Way, { readonly paths: readonly string[]; readonly failure: string }>>
  /** A new token that is read in this way, and good if the server answers well. */
  token(way: Way): Promise<string>
  close(): Promise<void>
}

export const WAYS = ['keys', 'userinfo', 'introspection', 'check'] as const
export type Way = (typeof WAYS)[number]

/** `https`: with a certificate that no client trusts by default. */
export async function startRecordingIssuer(scheme: 'http' | 'https' = 'http'): Promise<RecordingIssuer> {
  const key = await generateKey('ES256', 'k')
  let sending = send
  let seen: IncomingMessage[] = []
  const members = { aud: AUDIENCE, client_id: 'client-1', sub: 'user-1', scope: 'read' }
  const documents: Readonly<Record<string, () => unknown>> = {
    '/.well-known/openid-configuration': () => ({
      issuer: url,
      jwks_uri: `${url}/jwks`,
      userinfo_endpoint: `${url}/userinfo`,
      introspection_endpoint: `${url}/introspect`,
    }),
    '/jwks': () => ({ keys: [key.publicJwk] }),
    '/userinfo': () => ({ sub: 'user-1', email: EMAIL, email_verified: true }),
    '/introspect': () => ({ ...members, active: true, token_type: 'Bearer' }),
    '/oauth/token/info': () => ({
      application: { uid: 'app-1' },
      resource_owner_id: 1,
      scope: ['read'],
      expires_in: 600,
    }),
  }
  const listener = (request: IncomingMessage, response: ServerResponse): unknown => {
    request.resume()
    seen.push(request)
    const document = documents[request.url ?? '']
    if (document === undefined) return response.writeHead(404).end()
    return sending(request, response, JSON.stringify(document()))
  }
  const server =
    scheme === 'http'
      ? createServer(listener)
      : createSecureServer({ key: LOOPBACK_KEY, cert: LOOPBACK_CERTIFICATE }, listener)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const url = `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`
  const keys = { discovery: 'openid-configuration' } as const
  const base = { issuer: url, audience: AUDIENCE, profile: 'rfc9068', algorithms: ['ES256'], keys } as const

  return {
    url,
    config: {
      issuers: {
        main: { ...base, userinfo: { discovery: 'openid-configuration', claim: 'email' } },
        told: {
          issuer: `${url}/told`,
          audience: AUDIENCE,
          prefix: 'in_',
          introspection: {
            endpoint: `${url}/introspect`,
            authentication: 'client_secret_basic',
            clientId: 'us',
            secret: { env: 'OUR_SECRET' },
          },
        },
        lab: {
          issuer: `${url}/lab`,
          prefix: 'gl_',
          check: { provider: 'gitlab', clientId: 'app-1', baseUrl: url },
        },
      },
      routes: [{ path: '/orders', methods: ['GET'], scope: { allOf: ['read'] } }],
    },
    env: { OUR_SECRET: 'a-secret-of-our-own' },
    takeSeen: () => seen.splice(0),
    answerWith: (next) => void (sending = next),
    ways: {
      keys: { paths: ['/.well-known/openid-configuration', '/jwks'], failure: 'keys_unavailable' },
      userinfo: {
        paths: [
          '/.well-known/openid-configuration',
          '/jwks',
          '/.well-known/openid-configuration',
          '/userinfo',
        ],
        failure: 'keys_unavailable',
      },
      introspection: { paths: ['/introspect'], failure: 'introspection_' },
      check: { paths: ['/oauth/token/info'], failure: 'introspection_' },
    },
    async token(way) {
      const id = crypto.randomUUID()
      if (way === 'introspection') return `in_${id}`
      if (way === 'check') return `gl_${id}`
      const now = Math.floor(Date.now() / 1000)
      const claims = { ...members, iss: url, jti: id, iat: now - 5, exp: now + 600 }
      const header = { alg: 'ES256', typ: 'at+jwt', kid: 'k' }
      return signCompact(key, header, way === 'keys' ? { ...claims, email: EMAIL } : claims)
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
