// A stand-in for issuers and providers that introspect or check their tokens: a real HTTP server whose answers a row
// states, token by token. It accepts only requests as the standard or the provider documents them (method, credentials,
// hint, place of the token) and answers 500 to any other, so that a row fails if a request is wrong. Introspection by a
// real authorization server is tested in test/system/introspection.test.ts.

import { createLocalJWKSet, jwtVerify } from 'jose'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { hang } from './time.ts'
import { generateKey, signCompact, type Members, type SigningKey } from './test-issuer.ts'

/** What the server answers about one token. */
export interface IssuerAnswer {
  readonly status?: number
  readonly type?: string
  /** Sent unchanged. */
  readonly body?: string
  readonly json?: unknown
  /** Wraps `json` in a signed answer, with these members changed. */
  readonly signed?: { readonly header?: Members; readonly claims?: Members; readonly key?: SigningKey }
  readonly location?: string
  readonly headers?: Readonly<Record<string, string>>
  /** The server never answers. */
  readonly hangs?: boolean
  /** The server answers once this promise has settled. */
  readonly after?: Promise<unknown>
  /** The answer to a request with `token_type_hint=access_token`, if it is another one. */
  readonly hinted?: IssuerAnswer
  /** The answer of `/userinfo`. */
  readonly userinfo?: IssuerAnswer
}

export interface OpaqueIssuer {
  readonly url: string
  readonly key: SigningKey
  /** Published before `key`, under another kid. */
  readonly nextKey: SigningKey
  /** Has the kid of `key`, and no one publishes it. */
  readonly unpublishedKey: SigningKey
  /** The variables that the configuration refers to. */
  readonly env: Readonly<Record<string, string>>
  /** Returns a new token that begins with `prefix`, and sets the server's answer about it. */
  issue(prefix: string, stated: IssuerAnswer): string
  /** Sets the answer about a token that was made elsewhere. */
  setAnswer(token: string, stated: IssuerAnswer): void
  /** The number of requests about a token, without those to `/userinfo`. */
  calls(token: string): number
  userinfoCalls(token: string): number
  /**
   * From now on answers state an allowance, and after `limit` requests that it is used up: 403 as GitHub does, 429
   * otherwise. `until`: seconds since the epoch. `null`: no allowance.
   */
  allow(allowance: { readonly limit: number; readonly until: number } | null): void
  /** From now on the server accepts this secret. */
  rotate(secret: string): void
  close(): Promise<void>
}

export const CLIENT_ID = 'lane keeper'
export const APP = 'app-1'
const SECRET = 'a secret of our own: +/%'
const BEARER = 'bearer-of-our-own'
/**
 * A client id and a secret that form encoding does not change, for a server that compares without decoding; and a
 * secret with one more character, which it does change.
 */
export const BARE_CLIENT_ID = 'lane-keeper_1.a*b'
const BARE_SECRET = 'a-secret_of.our*own-4'
const ESCAPED_SECRET = `${BARE_SECRET}~`

const basic = (id: string, secret: string) => `Basic ${btoa(`${id}:${secret}`)}`

/** The two halves of Basic credentials, each form-urlencoded before it was joined (RFC 6749 section 2.3.1). */
const halvesOf = (authorization = '') =>
  atob(authorization.replace('Basic ', ''))
    .split(':')
    .map((half) => new URLSearchParams(`x=${half}`).get('x'))

export async function startOpaqueIssuer(): Promise<OpaqueIssuer> {
  const [key, nextKey, unpublishedKey] = (await Promise.all(
    ['k', 'next', 'k'].map((kid) => generateKey('ES256', kid)),
  )) as [SigningKey, SigningKey, SigningKey]
  const pair = (await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ])) as CryptoKeyPair
  const jwkOf = async (one: CryptoKey) => ({ ...(await crypto.subtle.exportKey('jwk', one)), kid: 'ours' })
  const { key_ops: _, ext: __, ...privateJwk } = await jwkOf(pair.privateKey)
  const other = (await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ])) as CryptoKeyPair
  const { key_ops: ___, ext: ____, ...unpublishedJwk } = await jwkOf(other.privateKey)
  const ours = createLocalJWKSet({ keys: [(await jwkOf(pair.publicKey)) as never] })

  let secret = SECRET
  let allowance: { readonly limit: number; readonly until: number; used: number } | null = null
  const tokens = new Map<string, IssuerAnswer>()
  const introspections = new Map<string, number>()
  const userinfoRequests = new Map<string, number>()
  const count = (calls: Map<string, number>, token: string) => calls.set(token, (calls.get(token) ?? 0) + 1)

  async function isAuthenticated(way: string, request: IncomingMessage, form: URLSearchParams) {
    const { authorization } = request.headers
    if (way === 'basic') {
      const [id, given, ...more] = halvesOf(authorization)
      return id === CLIENT_ID && given === secret && more.length === 0
    }
    // OpenAM and Glewlwyd answer like this.
    if (way === 'undecoded')
      return [BARE_SECRET, ESCAPED_SECRET].some((one) => authorization === basic(BARE_CLIENT_ID, one))
    if (way === 'bearer') return authorization === `Bearer ${BEARER}`
    if (authorization !== undefined || form.get('client_id') !== CLIENT_ID) return false
    if (way === 'post') return form.get('client_secret') === secret
    const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
    if (form.get('client_assertion_type') !== type) return false
    const expected = { issuer: CLIENT_ID, subject: CLIENT_ID, audience: `${url}/signed` }
    return jwtVerify(form.get('client_assertion') ?? '', ours, expected).then(
      () => true,
      () => false,
    )
  }

  /** Uses up one of the allowed requests. */
  function countDown() {
    if (allowance === null) return null
    const remaining = allowance.limit - ++allowance.used
    const headers = {
      'x-ratelimit-limit': String(allowance.limit),
      'x-ratelimit-remaining': String(remaining),
      'x-ratelimit-reset': String(allowance.until),
    }
    return { remaining, headers }
  }

  async function answer(
    stated: IssuerAnswer,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<unknown> {
    const left = countDown()
    if (stated.hangs) return hang()
    await stated.after
    if (left !== null && left.remaining < 0) {
      const status = request.url?.startsWith('/github/') ? 403 : 429
      return response.writeHead(status, { ...left.headers, 'x-ratelimit-remaining': '0' }).end()
    }
    if (stated.location !== undefined) return response.writeHead(307, { location: stated.location }).end()
    const { header, claims, key: signer = key } = stated.signed ?? {}
    const signed = {
      iss: `${url}/signed`,
      aud: CLIENT_ID,
      iat: Math.floor(Date.now() / 1000),
      token_introspection: stated.json,
      ...claims,
    }
    const isSigned = stated.signed !== undefined && request.headers.accept?.includes('jwt')
    const body = isSigned
      ? await signCompact(
          signer,
          { alg: 'ES256', kid: 'k', typ: 'token-introspection+jwt', ...header },
          signed,
        )
      : (stated.body ?? (stated.json === undefined ? '' : JSON.stringify(stated.json)))
    const type = stated.type ?? (isSigned ? 'application/token-introspection+jwt' : 'application/json')
    const fields = { 'content-type': type, ...left?.headers, ...stated.headers }
    return response.writeHead(stated.status ?? 200, fields).end(body)
  }

  const plain = (response: ServerResponse, status: number, json: unknown) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json))

  async function introspect(way: string, request: IncomingMessage, response: ServerResponse) {
    const form = new URLSearchParams(await text(request))
    const token = form.get('token') ?? ''
    count(introspections, token)
    if (!(await isAuthenticated(way, request, form)))
      return plain(response, 401, { error: 'invalid_client', token })
    const stated = tokens.get(token) ?? { json: { active: false } }
    const isHinted = form.get('token_type_hint') === 'access_token'
    if (stated.hinted !== undefined) return answer(isHinted ? stated.hinted : stated, request, response)
    return isHinted ? answer(stated, request, response) : plain(response, 500, {})
  }

  /** Where each provider's check finds the token, if the request is one that the provider documents. */
  const findToken: Readonly<
    Record<string, (request: IncomingMessage, body: string, at: URL) => string | undefined>
  > = {
    github: ({ method, headers }, body, at) =>
      method === 'POST' &&
      at.pathname === `/github/applications/${APP}/token` &&
      headers.authorization === basic(APP, secret) &&
      headers['user-agent'] !== undefined
        ? JSON.parse(body).access_token
        : undefined,
    google: ({ method, headers }, _, at) =>
      method === 'POST' && at.pathname === '/google/tokeninfo' && at.search === ''
        ? headers.authorization?.replace('Bearer ', '')
        : undefined,
    facebook: ({ method, headers }, _, at) =>
      method === 'GET' &&
      at.pathname === '/facebook/debug_token' &&
      headers.authorization === `Bearer ${APP}|${secret}`
        ? (at.searchParams.get('input_token') ?? undefined)
        : undefined,
    gitlab: ({ method, headers }, _, at) =>
      method === 'GET' && at.pathname === '/gitlab/oauth/token/info' && at.search === ''
        ? headers.authorization?.replace('Bearer ', '')
        : undefined,
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
    const at = new URL(request.url ?? '/', url)
    const [, first = '', second = ''] = at.pathname.split('/')
    if (at.pathname.endsWith('/.well-known/openid-configuration')) {
      const issuer = first === '.well-known' ? url : `${url}/${first}`
      return plain(response, 200, {
        issuer,
        introspection_endpoint: `${url}/introspect/post`,
        userinfo_endpoint: `${url}/userinfo`,
      })
    }
    if (first === 'jwks') return plain(response, 200, { keys: [nextKey.publicJwk, key.publicJwk] })
    if (first === 'introspect') return introspect(second, request, response)
    if (first === 'userinfo') {
      const token = request.headers.authorization?.replace('Bearer ', '') ?? ''
      count(userinfoRequests, token)
      return answer(tokens.get(token)?.userinfo ?? { status: 401 }, request, response)
    }
    const token = findToken[first]?.(request, await text(request), at)
    if (token === undefined) return plain(response, 500, {})
    count(introspections, token)
    return answer(tokens.get(token) ?? { status: 404 }, request, response)
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.writeHead(500).end())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    url,
    key,
    nextKey,
    unpublishedKey,
    env: {
      OUR_SECRET: SECRET,
      OUR_WRONG_SECRET: `${SECRET}!`,
      OUR_BARE_SECRET: BARE_SECRET,
      OUR_ESCAPED_SECRET: ESCAPED_SECRET,
      OUR_KEY: JSON.stringify(privateJwk),
      OUR_WRONG_KEY: JSON.stringify(unpublishedJwk),
      OUR_BEARER: BEARER,
      OUR_WRONG_BEARER: `${BEARER}x`,
    },
    issue(prefix, stated) {
      const token = `${prefix}${crypto.randomUUID().replaceAll('-', '')}`
      tokens.set(token, stated)
      return token
    },
    setAnswer: (token, stated) => void tokens.set(token, stated),
    calls: (token) => introspections.get(token) ?? 0,
    userinfoCalls: (token) => userinfoRequests.get(token) ?? 0,
    allow: (next) => void (allowance = next === null ? null : { ...next, used: 0 }),
    rotate: (next) => void (secret = next),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
