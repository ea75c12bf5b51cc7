// The claims and the header of a signed introspection response, one member at a time. RFC 9701 section 5.

import { expect, test } from 'vitest'
import type { ResolvedIssuer } from '../../../shared/config/config.ts'
import { failure, type FailureCode } from '../../../shared/failures/failure.ts'
import { isEnvelope, readSigned } from '../../../shared/introspection/signed-response.ts'
import type { KeyStore } from '../../../shared/keys/key-store.ts'

const NOW = 1000
const HEADER = { typ: 'token-introspection+jwt' }
const CLAIMS = { iss: 'https://as.example', aud: 'us', iat: NOW }

test.each<[string, object, object, boolean]>([
  ['as it should be', {}, {}, true],
  ['typ in full, in capitals', { typ: 'application/Token-Introspection+JWT' }, {}, true],
  ['typ at+jwt', { typ: 'at+jwt' }, {}, false],
  ['typ that is no text', { typ: [HEADER.typ] }, {}, false],
  ['no typ', { typ: undefined }, {}, false],
  ['another iss', {}, { iss: 'https://evil.example' }, false],
  ['no iss', {}, { iss: undefined }, false],
  ['aud among others', {}, { aud: ['them', 'us'] }, true],
  ['aud in a list of others', {}, { aud: ['them'] }, false],
  ['another aud', {}, { aud: 'them' }, false],
  ['an aud that contains ours', {}, { aud: 'us too' }, false],
  ['no aud', {}, { aud: undefined }, false],
  ['just not expired', {}, { exp: NOW - 29 }, true],
  ['expired', {}, { exp: NOW - 30 }, false],
  ['exp that is no number', {}, { exp: '2000' }, false],
  ['exp null', {}, { exp: null }, false],
  ['just in force', {}, { nbf: NOW + 30 }, true],
  ['not yet in force', {}, { nbf: NOW + 31 }, false],
  ['nbf that is no number', {}, { nbf: '0' }, false],
])('%s: %j %j', (_, header, claims, expected) => {
  const token = { header: { ...HEADER, ...header }, claims: { ...CLAIMS, ...claims } }
  expect(isEnvelope(token, 'https://as.example', 'us', NOW)).toBe(expected)
})

const ISSUER = { keys: { algorithms: new Set(['ES256']) }, keyOwner: null } as unknown as ResolvedIssuer
const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const ANSWER = `${base64url({ ...HEADER, alg: 'ES256', kid: 'one' })}.${base64url(CLAIMS)}.c2ln`

test.each<[FailureCode, object]>([
  ['keys_unavailable', { failure: { code: 'keys_unavailable' } }],
  // With keys in a secret (`keys.jwksSecret`).
  ['secret_unavailable', { failure: { code: 'secret_unavailable' } }],
  ['key_unknown', { problem: 'unverified', detail: { problem: 'key_unknown' } }],
  ['key_refused', { problem: 'unverified', detail: { problem: 'key_refused' } }],
])('keys with %s: the failure to load them keeps its code', async (code, expected) => {
  const store: KeyStore = {
    find: () => failure(code),
    findNewer: async () => failure(code),
    retryAfterSeconds: () => 1,
  }
  const ports = { crypto: {} as never, now: () => NOW * 1000 }
  const settings = { clientId: 'us', cacheSeconds: 60 }
  const read = readSigned(new TextEncoder().encode(ANSWER), ISSUER, settings, store, ports, undefined)
  expect(await read).toEqual(expected)
})
