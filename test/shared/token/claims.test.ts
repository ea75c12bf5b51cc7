// The exact edges of the small rules, with the clock as a number.

import { describe, expect, test } from 'vitest'
import type { ResolvedIssuer } from '../../../shared/config/config.ts'
import { isSecureUrl } from '../../../shared/platform/secure-url.ts'
import { decodeBase64url, findBase64urlProblem } from '../../../shared/token/base64url.ts'
import { CLAIM_RULES, FORM_RULES } from '../../../shared/token/claims.ts'
import { firstRefusal } from '../../../shared/failures/rule.ts'
import { PROFILES } from '../../../shared/token/profiles.ts'
import { sufficientScope } from '../../../shared/failures/deny.ts'

const NOW = 1_800_000_000
const ISSUER: ResolvedIssuer = {
  name: 'main',
  label: 'main',
  issuer: 'https://as.example',
  audiences: new Set(['https://api.example']),
  clients: null,
  profile: PROFILES.rfc9068,
  scopes: { user: { claim: 'scope', shape: 'string' }, client: { claim: 'scope', shape: 'string' } },
  principal: 'sub',
  tenant: null,
  keyOwner: null,
  keys: { source: { jwks_uri: 'https://as.example/jwks' }, algorithms: new Set(['RS256']), timeoutMs: 0 },
  clockToleranceSeconds: 10,
  looksLike: [],
  opaque: { reader: null, prefixes: [], userinfo: null, jwt: 'verify' },
  maxLifetimeSeconds: 600,
}
const CLAIMS = {
  iss: ISSUER.issuer,
  aud: 'https://api.example',
  sub: 's',
  client_id: 'c',
  jti: 'j',
  iat: NOW - 100,
  exp: NOW + 100,
}

describe('times', () => {
  test.each([
    ['exp at the last moment of its tolerance', { exp: NOW - 9.999 }, null],
    ['exp at its end', { exp: NOW - 10 }, 'token_expired'],
    ['nbf at the edge', { nbf: NOW + 10 }, null],
    ['nbf beyond it', { nbf: NOW + 10.001 }, 'token_not_yet_valid'],
    ['iat at the edge', { iat: NOW + 10 }, null],
    ['iat beyond it', { iat: NOW + 10.001 }, 'token_issued_in_future'],
    ['exp right after iat', { iat: NOW, exp: NOW + 0.001 }, null],
    ['exp at iat', { iat: NOW, exp: NOW }, 'token_lifetime'],
    ['the longest lifetime', { iat: NOW, exp: NOW + 600 }, null],
    ['a longer one', { iat: NOW, exp: NOW + 600.001 }, 'token_lifetime'],
  ])('%s', (_, change, code) => {
    expect(firstRefusal(CLAIM_RULES, { ...CLAIMS, ...change }, ISSUER, NOW)?.code ?? null).toBe(code)
  })

  test.each(['sub', 'client_id', 'jti'])('%s of half a character is malformed', (claim) => {
    expect(firstRefusal(FORM_RULES, { ...CLAIMS, [claim]: 'a\ud800' }, ISSUER)).toEqual({
      code: 'claim_malformed',
      detail: { claim },
    })
  })
})

test('of the 64 last characters a text may have, only those without spare bits are canonical', () => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const canonical = (before: string) =>
    [...alphabet].filter((last) => findBase64urlProblem(before + last) === null).join('')
  expect(canonical('A')).toBe('AQgw')
  expect(canonical('AA')).toBe('AEIMQUYcgkosw048')
  expect(canonical('AAA')).toBe(alphabet)
  expect(canonical('')).toBe('')
})

test.each([
  ['https://as.example', true],
  ['http://127.0.0.1:4400', true],
  ['http://localhost', true],
  ['http://[::1]:80', true],
  ['http://0.0.0.0', false],
  ['http://127.0.0.2', false],
  ['http://localhost.example', false],
  ['http://as.example', false],
  ['ftp://127.0.0.1', false],
])('%s is secure: %s', (url, secure) => {
  expect(isSecureUrl(new URL(url))).toBe(secure)
})

test('the sufficient scope has every member of allOf, and one of anyOf', () => {
  expect(sufficientScope({ allOf: ['a', 'b'], anyOf: ['c', 'd'] })).toEqual(['a', 'b', 'c'])
  expect(sufficientScope({ allOf: ['a'], anyOf: ['a', 'b'] })).toEqual(['a'])
})

test('bytes come out of base64url as they went in, whatever their number', () => {
  for (let size = 0; size < 300; size++) {
    const bytes = Uint8Array.from({ length: size }, (_, at) => (at * 167 + size) & 0xff)
    expect(decodeBase64url(Buffer.from(bytes).toString('base64url'))).toEqual(bytes)
  }
})
