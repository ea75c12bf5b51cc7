// The rows of the tour: a request, and the answer that each edge must give. Expected codes and bodies are written out
// and not computed from the table of failures, so that a mistake in that table shows.

import type { DemoTokens, ForgedTokens } from '../demo-tokens/index.ts'

export type EdgeName = 'worker' | 'request' | 'token' | 'http'

export type TourTokens = DemoTokens & ForgedTokens

/** The expected answer of one edge: status, code of the decision (`null`: API Gateway answers without one), body. */
export type Answer = readonly [status: number, code: string | null, body?: string]

export interface TourRow {
  readonly request: string
  /** Added to `request` if an edge on API Gateway takes part. */
  readonly apiNote?: string
  readonly method?: 'GET' | 'POST'
  /** Default: /orders, or /invoices on the edge with the TOKEN authorizer. */
  readonly path?: string
  readonly token: Exclude<keyof TourTokens, 'all'> | null
  /** Before this row the token is revoked, and the tour waits until no introspection result of it is cached. */
  readonly isRevoked?: true
  readonly expected: Readonly<Record<EdgeName, Answer>>
  /** The caller that the origin must receive from every edge. */
  readonly caller?: { readonly subject: string; readonly principal: 'user' | 'client' }
  /** The expected challenge of the Worker. The tour does not check challenges of API Gateway. */
  readonly challenge?: string
}

const INVALID = 'Bearer realm="api", error="invalid_token"'
const ID_TOKEN = `${INVALID}, error_description="An ID token cannot be used to call this API; send the access token."`

const ID_TOKEN_DETAIL = ',"detail":"An ID token cannot be used to call this API; send the access token."'

const SCOPE_DETAIL = 'The access token lacks a scope that this request needs.'
const SCOPE_CHALLENGE = `Bearer realm="api", error="insufficient_scope", error_description="${SCOPE_DETAIL}", scope="orders:read orders:write"`
const NO_ACCESS_TOKEN = 'This is not recognisably an access token; send the access token issued for this API.'

/** `cacheSeconds` of the stage `local`: the time until every instance refuses a revoked token. */
export const REVOCATION_SECONDS = 2

const allowWith = (status: number): TourRow['expected'] => ({
  worker: [status, 'access_token'],
  request: [status, 'access_token'],
  token: [status, 'access_token'],
  http: [status, 'access_token'],
})

const REST_401 = '{"message":"Unauthorized"}'
const REST_403 = '{"Message":"User is not authorized to access this resource with an explicit deny"}'
const REST_403_TABLE = '{"Message":"User is not authorized to access this resource"}'
const REST_NO_ROUTE = '{"message":"Missing Authentication Token"}'
const HTTP_401 = '{"message":"Unauthorized"}'
const HTTP_403 = '{"message":"Forbidden"}'
const HTTP_404 = '{"message":"Not Found"}'

/** 401, except on an HTTP API, whose authorizer can only allow or deny: 403. */
const refuseWith = (code: string, detail = ''): TourRow['expected'] => ({
  worker: [401, code, `{"title":"Unauthorized","status":401,"error":"invalid_token"${detail}}`],
  request: [401, code, REST_401],
  token: [401, code, REST_401],
  http: [403, code, HTTP_403],
})

/**
 * A transient refusal is thrown by the authorizer of an HTTP API that caches answers. The local gateway then answers
 * 401; AWS may answer 500.
 */
const refuseTransientlyWith = (code: string, detail = ''): TourRow['expected'] => ({
  ...refuseWith(code, detail),
  http: [401, code, HTTP_401],
})

const NOT_ACTIVE = 'The access token is not active.'
const INACTIVE = {
  expected: refuseTransientlyWith('token_inactive', `,"detail":"${NOT_ACTIVE}"`),
  challenge: `${INVALID}, error_description="${NOT_ACTIVE}"`,
}

/** 403. The TOKEN authorizer is not called again: its cached policy for the token covers the whole API. */
const forbidWith = (code: string, detail: string): TourRow['expected'] => ({
  worker: [403, code, `{"title":"Forbidden","status":403,"error":"${code}"${detail}}`],
  request: [403, code, REST_403],
  token: [403, null, REST_403_TABLE],
  http: [403, code, HTTP_403],
})

const ALICE = { subject: 'alice', principal: 'user' } as const
const SERVICE = { subject: 'orders-service', principal: 'client' } as const

export const TOUR: readonly TourRow[] = [
  { request: 'access token of a user', token: 'read', expected: allowWith(200), caller: ALICE },
  {
    request: 'the same again',
    apiNote: ", answered from API Gateway's cache",
    token: 'read',
    expected: {
      worker: [200, 'access_token'],
      request: [200, null],
      token: [200, null],
      http: [200, null],
    },
    caller: ALICE,
  },
  { request: 'access token of a service', token: 'service', expected: allowWith(200), caller: SERVICE },
  {
    request: 'the same user, POST, scope missing',
    method: 'POST',
    token: 'read',
    expected: forbidWith('insufficient_scope', `,"detail":"${SCOPE_DETAIL}"`),
    challenge: SCOPE_CHALLENGE,
  },
  {
    request: 'the same user, POST, scope granted',
    method: 'POST',
    token: 'write',
    expected: allowWith(201),
    caller: ALICE,
  },
  {
    request: 'no token',
    token: null,
    expected: {
      worker: [401, 'credential_missing', '{"title":"Unauthorized","status":401}'],
      request: [401, null, REST_401],
      token: [401, null, REST_401],
      http: [401, null, HTTP_401],
    },
    challenge: 'Bearer realm="api"',
  },
  {
    request: "the user's ID token",
    token: 'idToken',
    expected: refuseWith('id_token', ID_TOKEN_DETAIL),
    challenge: ID_TOKEN,
  },
  {
    request: 'an ID token whose aud is the API',
    token: 'idTokenForApi',
    expected: refuseWith('id_token', ID_TOKEN_DETAIL),
    challenge: ID_TOKEN,
  },
  {
    request: 'an ID token with typ at+jwt as well',
    token: 'disguisedIdToken',
    expected: refuseWith('id_token', ID_TOKEN_DETAIL),
    challenge: ID_TOKEN,
  },
  {
    request: 'expired',
    token: 'expired',
    expected: refuseWith('token_expired', ',"detail":"The access token expired."'),
    challenge: `${INVALID}, error_description="The access token expired."`,
  },
  {
    request: 'for another audience',
    token: 'otherAudience',
    expected: refuseWith('audience_mismatch', ',"detail":"The access token was issued for another API."'),
    challenge: `${INVALID}, error_description="The access token was issued for another API."`,
  },
  {
    request: 'from another issuer',
    token: 'otherIssuer',
    expected: refuseWith('issuer_unknown'),
    challenge: INVALID,
  },
  {
    request: 'payload tampered with',
    token: 'tampered',
    expected: refuseTransientlyWith('signature_invalid'),
    challenge: INVALID,
  },
  { request: 'alg: none', token: 'algNone', expected: refuseWith('alg_unsupported'), challenge: INVALID },
  {
    request: 'signed by another key',
    token: 'foreignKey',
    expected: refuseTransientlyWith('signature_invalid'),
    challenge: INVALID,
  },
  {
    request: 'bound to a key (cnf), as plain bearer',
    token: 'dpopBound',
    expected: refuseTransientlyWith(
      'sender_constraint_unproven',
      ',"detail":"The access token is sender-constrained and cannot be used as a plain bearer token here."',
    ),
    challenge: `${INVALID}, error_description="The access token is sender-constrained and cannot be used as a plain bearer token here."`,
  },
  { request: 'opaque token of a user', token: 'opaque', expected: allowWith(200), caller: ALICE },
  { request: 'opaque token of a service', token: 'opaqueService', expected: allowWith(200), caller: SERVICE },
  {
    request: 'opaque token, POST, scope missing',
    method: 'POST',
    token: 'opaque',
    expected: forbidWith('insufficient_scope', `,"detail":"${SCOPE_DETAIL}"`),
    challenge: SCOPE_CHALLENGE,
  },
  { request: 'opaque token, expired', token: 'opaqueExpired', ...INACTIVE },
  {
    request: 'opaque token, not revoked yet',
    token: 'opaqueRevoked',
    expected: allowWith(200),
    caller: ALICE,
  },
  {
    request: `the same, revoked ${REVOCATION_SECONDS} seconds ago`,
    apiNote: ', caches flushed',
    token: 'opaqueRevoked',
    isRevoked: true,
    ...INACTIVE,
  },
  {
    request: 'a refresh token, which introspects as active',
    token: 'refresh',
    expected: refuseWith('token_kind_unproven', `,"detail":"${NO_ACCESS_TOKEN}"`),
    challenge: `${INVALID}, error_description="${NO_ACCESS_TOKEN}"`,
  },
  {
    request: 'public route, no token',
    path: '/health',
    token: null,
    expected: { worker: [200, 'public'], request: [200, null], token: [200, null], http: [200, null] },
  },
  {
    request: 'unknown route, good token',
    path: '/admin',
    token: 'write',
    expected: {
      worker: [403, 'route_unknown', '{"title":"Forbidden","status":403}'],
      request: [403, null, REST_NO_ROUTE],
      token: [403, null, REST_NO_ROUTE],
      http: [404, null, HTTP_404],
    },
  },
]
