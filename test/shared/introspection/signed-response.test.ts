// What a signed answer says of itself, one member at a time. RFC 9701 section 5.

import { expect, test } from 'vitest'
import { isEnvelope } from '../../../shared/introspection/signed-response.ts'

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
