// The answer to the caller, for each code. RFC 6750 section 3, RFC 9110 sections 10.2.3 and 11.6.1.

import { describe, expect, test } from 'vitest'
import { KIND_ROWS } from '../../../shared/token/kind.ts'
import { FAILURES, failureRow, toRefusal, type FailureCode } from '../../../shared/index.ts'

const CODES = Object.keys(FAILURES) as FailureCode[]

describe('every refusal', () => {
  test.each(CODES)('%s', (code) => {
    const row = failureRow(code)
    const refusal = toRefusal({ allow: false, code }, 'api')
    expect(refusal.status).toBe(row.status)
    expect(refusal.headers['cache-control']).toBe('no-store')
    expect(refusal.headers['content-type']).toBe('application/problem+json')
    expect('www-authenticate' in refusal.headers).toBe(row.status === 401 || row.error !== null)
    expect('retry-after' in refusal.headers).toBe(row.status === 503)
    expect(Object.keys(refusal.body)).toEqual([
      'title',
      'status',
      ...(row.error === null ? [] : ['error']),
      ...(row.hint === undefined ? [] : ['detail']),
    ])
    for (const value of Object.values(refusal.headers)) expect(value).toMatch(/^[\x20-\x7e]+$/)
  })

  test.each(CODES)('%s: blame, status and gateway form go together', (code) => {
    const { blame, status, gateway, error } = failureRow(code)
    expect(gateway === 'failure').toBe(status === 503)
    if (code === 'key_ambiguous') expect({ blame, status }).toEqual({ blame: 'issuer', status: 401 })
    else expect(status === 503).toBe(blame !== 'client')
    if (status === 403) expect(gateway).toBe('forbidden')
    if (status === 401) expect(gateway).toBe('unauthorized')
    if (error === 'insufficient_scope') expect(status).toBe(403)
    if (error === 'invalid_token') expect(status).toBe(401)
    if (error === 'invalid_request') expect(status).toBe(400)
  })
})

test('no credentials: a challenge without an error code', () => {
  expect(toRefusal({ allow: false, code: 'credential_missing' }, 'api').headers['www-authenticate']).toBe(
    'Bearer realm="api"',
  )
})

test('before the signature is verified: invalid_token and nothing else', () => {
  const { headers, body } = toRefusal({ allow: false, code: 'signature_invalid' }, 'orders')
  expect(headers['www-authenticate']).toBe('Bearer realm="orders", error="invalid_token"')
  expect(body).toEqual({ title: 'Unauthorized', status: 401, error: 'invalid_token' })
})

test.each<FailureCode>(['issuer_unknown', 'issuer_not_allowed', 'kind_unverified', 'key_unknown'])(
  '%s, which is checked before the signature, reveals nothing about the configuration',
  (code) => {
    expect(toRefusal({ allow: false, code }, 'api')).toEqual(
      toRefusal({ allow: false, code: 'signature_invalid' }, 'api'),
    )
  },
)

/** Codes of checks before the signature, and of checks about what no signature covers. */
const UNVERIFIED: readonly RegExp[] = [
  /^(credential|target|route|method|alg|header|kid|issuer|key|keys|signature|kind|event|internal)_/,
  /^token_(too_large|opaque|encrypted|malformed)$/,
]

test.each(CODES.filter((code) => UNVERIFIED.some((pattern) => pattern.test(code))))(
  '%s: no hint, since the token is unverified',
  (code) => {
    expect(failureRow(code).hint).toBeUndefined()
  },
)

test('a hint has the characters that error_description may have (RFC 6750 section 3)', () => {
  const hints = CODES.flatMap((code) => failureRow(code).hint ?? [])
  expect(hints.length).toBeGreaterThan(10)
  expect(hints.filter((hint) => !/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/.test(hint))).toEqual([])
})

test.each([...new Set(KIND_ROWS.map(({ kind }) => kind))])(
  '%s: the answer names the kind and what to send instead',
  (code) => {
    const words =
      code === 'verifiable_presentation' ? 'presentation' : code.replace('dpop', 'DPoP').replace('id_', 'ID ')
    expect(failureRow(code).hint).toContain(words.replaceAll('_', ' '))
    expect(failureRow(code).hint).toMatch(/ cannot be used to call this API; send the access token\.$/)
  },
)

test('an ID token: the answer says what to send instead', () => {
  expect(toRefusal({ allow: false, code: 'id_token', detail: { mark: 'nonce' } }, 'api').body).toEqual({
    title: 'Unauthorized',
    status: 401,
    error: 'invalid_token',
    detail: 'An ID token cannot be used to call this API; send the access token.',
  })
})

test('a missing scope: the answer names it', () => {
  const refusal = toRefusal({ allow: false, code: 'insufficient_scope', scope: ['read', 'write'] }, 'api')
  expect(refusal.headers['www-authenticate']).toBe(
    'Bearer realm="api", error="insufficient_scope", error_description="The access token lacks a scope that this request needs.", scope="read write"',
  )
})

test('an insufficient sign-in: the answer names the demanded one and its age', () => {
  const deny = { allow: false, code: 'insufficient_user_authentication' } as const
  expect(
    toRefusal({ ...deny, acrValues: ['mfa', 'hwk'], maxAgeSeconds: 300 }, 'api').headers['www-authenticate'],
  ).toBe(
    'Bearer realm="api", error="insufficient_user_authentication", error_description="The user has to authenticate again, or in a stronger way.", acr_values="mfa hwk", max_age="300"',
  )
  expect(toRefusal({ ...deny, maxAgeSeconds: 0 }, 'api').headers['www-authenticate']).toMatch(
    /way\.", max_age="0"$/,
  )
})

test('a resource with metadata: the answer has its URL', () => {
  const resourceMetadata = 'https://api.example/.well-known/oauth-protected-resource/a'
  const deny = { allow: false, code: 'credential_missing', scope: ['read'], resourceMetadata } as const
  expect(toRefusal(deny, 'api').headers['www-authenticate']).toBe(
    `Bearer realm="api", scope="read", resource_metadata="${resourceMetadata}"`,
  )
})

test("a failure that is not the client's: Retry-After, and no challenge", () => {
  const refusal = toRefusal({ allow: false, code: 'keys_unavailable', retryAfterSeconds: 7 }, 'api')
  expect(refusal).toMatchObject({
    status: 503,
    headers: { 'retry-after': '7' },
    body: { title: 'Service Unavailable', status: 503 },
  })
})
