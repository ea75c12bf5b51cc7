// The rows of the tour: the requests, and what each edge must answer. The expected code and wire form of every row are
// written out here; nothing is computed from the table of failures.

import type { DemoTokens, ForgedTokens } from '../demo-tokens/index.ts'

export type EdgeName = 'worker' | 'request' | 'token' | 'http'

export type TourTokens = DemoTokens & ForgedTokens

/** What one edge must answer: the status, the code of the decision (`null`: the gateway answers for itself), the body. */
export type Answer = readonly [status: number, code: string | null, body?: string]

export interface TourRow {
  readonly sent: string
  /** What `sent` says more where an API takes part. */
  readonly onApis?: string
  readonly method?: 'GET' | 'POST'
  /** Default: /orders, and /invoices where the TOKEN authorizer guards. */
  readonly path?: string
  readonly token: Exclude<keyof TourTokens, 'all'> | null
  /** The token has been revoked, for as long as an answer about it is remembered. */
  readonly isRevokedBefore?: true
  readonly expected: Readonly<Record<EdgeName, Answer>>
  /** Who the origin must have been told is calling, on every edge. */
  readonly caller?: { readonly subject: string; readonly principal: 'user' | 'client' }
  /** The challenge of the Worker; API Gateway can carry none. */
  readonly challenge?: string
}

const INVALID = 'Bearer realm="api", error="invalid_token"'
const ID_TOKEN = `${INVALID}, error_description="An ID token cannot be used to call this API; send the access token."`

const ID_TOKEN_DETAIL = ',"detail":"An ID token cannot be used to call this API; send the access token."'

const LACKING = 'The access token lacks a scope that this request needs.'
const SCOPE_LACKING = `Bearer realm="api", error="insufficient_scope", error_description="${LACKING}", scope="orders:read orders:write"`
const NO_ACCESS_TOKEN = 'This is not recognisably an access token; send the access token issued for this API.'

/** `cacheSeconds` of the stage `local`: after that, a revocation has been seen by every instance. */
export const REVOCATION_SECONDS = 2

const allowed = (status: number): TourRow['expected'] => ({
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

/** 401 where the door can say it: an HTTP API knows only yes and no, and answers 403. */
const refused = (code: string, detail = ''): TourRow['expected'] => ({
  worker: [401, code, `{"title":"Unauthorized","status":401,"error":"invalid_token"${detail}}`],
  request: [401, code, REST_401],
  token: [401, code, REST_401],
  http: [403, code, HTTP_403],
})

/** A refusal that may end is thrown where the HTTP API keeps answers. The local gateway answers that with 401; AWS may answer 500. */
const refusedForNow = (code: string, detail = ''): TourRow['expected'] => ({
  ...refused(code, detail),
  http: [401, code, HTTP_401],
})

const NOT_ACTIVE = 'The access token is not active.'
const INACTIVE = {
  expected: refusedForNow('token_inactive', `,"detail":"${NOT_ACTIVE}"`),
  challenge: `${INVALID}, error_description="${NOT_ACTIVE}"`,
}

/** The TOKEN authorizer has answered for the whole API when the token came the first time. */
const forbidden = (code: string, detail: string): TourRow['expected'] => ({
  worker: [403, code, `{"title":"Forbidden","status":403,"error":"${code}"${detail}}`],
  request: [403, code, REST_403],
  token: [403, null, REST_403_TABLE],
  http: [403, code, HTTP_403],
})

const ALICE = { subject: 'alice', principal: 'user' } as const
const SERVICE = { subject: 'orders-service', principal: 'client' } as const

export const TOUR: readonly TourRow[] = [
  { sent: 'access token of a user', token: 'read', expected: allowed(200), caller: ALICE },
  {
    sent: 'the same again',
    onApis: ', which API Gateway has kept',
    token: 'read',
    expected: {
      worker: [200, 'access_token'],
      request: [200, null],
      token: [200, null],
      http: [200, null],
    },
    caller: ALICE,
  },
  { sent: 'access token of a service', token: 'service', expected: allowed(200), caller: SERVICE },
  {
    sent: 'the same user, POST, scope lacking',
    method: 'POST',
    token: 'read',
    expected: forbidden('insufficient_scope', `,"detail":"${LACKING}"`),
    challenge: SCOPE_LACKING,
  },
  {
    sent: 'the same user, POST, scope granted',
    method: 'POST',
    token: 'write',
    expected: allowed(201),
    caller: ALICE,
  },
  {
    sent: 'no token',
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
    sent: "the user's ID token",
    token: 'idToken',
    expected: refused('id_token', ID_TOKEN_DETAIL),
    challenge: ID_TOKEN,
  },
  {
    sent: 'an ID token whose aud is the API',
    token: 'idTokenForApi',
    expected: refused('id_token', ID_TOKEN_DETAIL),
    challenge: ID_TOKEN,
  },
  {
    sent: 'an ID token with typ at+jwt as well',
    token: 'disguisedIdToken',
    expected: refused('id_token', ID_TOKEN_DETAIL),
    challenge: ID_TOKEN,
  },
  {
    sent: 'expired',
    token: 'expired',
    expected: refused('token_expired', ',"detail":"The access token expired."'),
    challenge: `${INVALID}, error_description="The access token expired."`,
  },
  {
    sent: 'for another audience',
    token: 'otherAudience',
    expected: refused('audience_mismatch', ',"detail":"The access token was issued for another API."'),
    challenge: `${INVALID}, error_description="The access token was issued for another API."`,
  },
  {
    sent: 'from another issuer',
    token: 'otherIssuer',
    expected: refused('issuer_unknown'),
    challenge: INVALID,
  },
  {
    sent: 'payload tampered with',
    token: 'tampered',
    expected: refusedForNow('signature_invalid'),
    challenge: INVALID,
  },
  { sent: 'alg: none', token: 'algNone', expected: refused('alg_unsupported'), challenge: INVALID },
  {
    sent: 'signed by another key',
    token: 'foreignKey',
    expected: refusedForNow('signature_invalid'),
    challenge: INVALID,
  },
  {
    sent: 'bound to a key (cnf), as plain bearer',
    token: 'dpopBound',
    expected: refusedForNow(
      'sender_constraint_unproven',
      ',"detail":"The access token is sender-constrained and cannot be used as a plain bearer token here."',
    ),
    challenge: `${INVALID}, error_description="The access token is sender-constrained and cannot be used as a plain bearer token here."`,
  },
  { sent: 'opaque token of a user', token: 'opaque', expected: allowed(200), caller: ALICE },
  { sent: 'opaque token of a service', token: 'opaqueService', expected: allowed(200), caller: SERVICE },
  {
    sent: 'opaque token, POST, scope lacking',
    method: 'POST',
    token: 'opaque',
    expected: forbidden('insufficient_scope', `,"detail":"${LACKING}"`),
    challenge: SCOPE_LACKING,
  },
  { sent: 'opaque token, expired', token: 'opaqueExpired', ...INACTIVE },
  {
    sent: 'opaque token, not revoked yet',
    token: 'opaqueRevoked',
    expected: allowed(200),
    caller: ALICE,
  },
  {
    sent: `the same, revoked ${REVOCATION_SECONDS} seconds ago`,
    onApis: ', caches flushed',
    token: 'opaqueRevoked',
    isRevokedBefore: true,
    ...INACTIVE,
  },
  {
    sent: 'a refresh token, which introspects as active',
    token: 'refresh',
    expected: refused('token_kind_unproven', `,"detail":"${NO_ACCESS_TOKEN}"`),
    challenge: `${INVALID}, error_description="${NO_ACCESS_TOKEN}"`,
  },
  {
    sent: 'public route, no token',
    path: '/health',
    token: null,
    expected: { worker: [200, 'public'], request: [200, null], token: [200, null], http: [200, null] },
  },
  {
    sent: 'unknown route, good token',
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
