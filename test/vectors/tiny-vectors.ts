// Vectors of our own in the formats of the suites, a handful of cases each, to test the runner.

import { base64url } from 'jose'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createClientKey, makeProof } from '../support/dpop-proofs.ts'
import { generateKey, signCompact } from '../support/test-issuer.ts'

const segment = (value: unknown): string => base64url.encode(JSON.stringify(value))
const bytes = (text: string): string => Buffer.from(text).toString('base64')

/** The signature with another first character, which makes it invalid. */
const tampered = (jws: string): string => {
  const [header, payload, signature = ''] = jws.split('.')
  return [header, payload, `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`].join('.')
}

const FIGURE_TIME = 1_000_000

/** The members of RFC 9449 with a key of ours: a token for one resource, and a proof that its time has passed for. */
function dpopFigures(): object {
  const key = createClientKey()
  const url = 'https://resource.example.org/protectedresource'
  const claims = { iat: FIGURE_TIME }
  const proof = makeProof(key, { url, token: 'opaque' }, { claims })
  const ofTokenEndpoint = makeProof(key, { url, token: '' }, { claims: { ...claims, ath: undefined } })
  const payload = {
    iss: 'https://server.example.com',
    sub: 'someone',
    exp: FIGURE_TIME + 600,
    cnf: { jkt: key.jkt },
  }
  return {
    access_token_jwt_bound: `${segment({ alg: 'ES256', kid: 'BeALkb' })}.${segment(payload)}.AAAA`,
    access_token_opaque_bound: 'opaque',
    introspection_response: { active: true, ...payload },
    proofs: [
      { id: 'token endpoint', proof: ofTokenEndpoint, claims },
      { id: 'resource', proof, claims: { ...claims, ath: '' } },
    ],
    resource_server_cases: [
      {
        id: 'ok',
        request: { url, authorization: 'DPoP opaque', dpop: proof },
        now: FIGURE_TIME + 2,
        verdict: 'allow',
      },
      { id: 'downgrade', base: 'ok', request: { authorization: 'Bearer opaque' }, verdict: 'deny' },
      { id: 'wrong method', base: 'ok', request: { method: 'POST' }, verdict: 'deny' },
      { id: 'two proofs', base: 'ok', request: { dpop: `${proof}, ${proof}` }, verdict: 'deny' },
      { id: 'another key', base: 'ok', token_cnf: { jkt: 'AAAA' }, verdict: 'deny' },
      { id: 'stale', base: 'ok', now: FIGURE_TIME + 1_000, verdict: 'deny' },
      { id: 'replay', base: 'ok', repeat: 2, verdict: ['allow', 'deny'] },
    ],
  }
}

export type Files = Record<string, any>

/** Every file by its path below DIR; a test can change it before it is written. */
export async function tinyVectors(): Promise<Files> {
  const [key, other] = await Promise.all([generateKey('ES256', 'tiny'), generateKey('ES256', 'other')])
  const jws = await signCompact(key, { alg: 'ES256', kid: 'tiny' }, 'foo')
  const empty = await signCompact(key, { alg: 'ES256', kid: 'tiny' }, '')
  const mac = `${segment({ alg: 'HS256' })}.Zm9v.AAAA`
  const group = (...tests: object[]) => ({
    testGroups: [
      {
        public: key.publicJwk,
        tests: tests.map((test, index) => ({ tcId: index + 1, comment: 'tiny', ...test })),
      },
    ],
  })
  const jwe = 'eyJhbGciOiJkaXIifQ..AAAA.AAAA.AAAA'
  return {
    'wycheproof/json_web_signature_test.json': group(
      { jws, result: 'valid' },
      { jws: empty, result: 'valid' },
      { jws: tampered(jws), result: 'invalid' },
      { jws: mac, result: 'valid' },
      { jws: { payload: 'Zm9v', signatures: [] }, result: 'invalid' },
    ),
    'wycheproof/json_web_key_test.json': {
      testGroups: [
        {
          public: { keys: [{ ...key.publicJwk, use: 'enc' }] },
          tests: [{ tcId: 1, comment: 'tiny', jws, result: 'invalid' }],
        },
      ],
    },
    'wycheproof/json_web_crypto_test.json': group({ jws, result: 'valid' }, { jwe, result: 'valid' }),
    'wycheproof/json_web_encryption_test.json': group({ jwe, result: 'valid' }),
    'ietf-jose-cookbook/jws/one.json': {
      input: { key: { ...key.publicJwk, d: 'AAAA' } },
      output: { compact: jws, json: { payload: 'Zm9v' } },
    },
    'ietf-jose-cookbook/jwk/one.json': key.publicJwk,
    'rfc-examples/rfc7515.json': {
      cases: [{ id: 'one', jwk: key.publicJwk, token: jws, signature: 'valid' }],
    },
    'rfc-examples/rfc9068.json': {
      header: { typ: 'at+jwt', alg: 'RS256', kid: 'RjEwOwOA' },
      claims: {
        iss: 'https://authorization-server.example.com/',
        sub: 'user',
        aud: 'https://rs.example.com/',
        iat: 1_000_000_000,
        exp: 1_000_003_600,
        jti: 'one',
        client_id: 'client',
        scope: 'read',
      },
    },
    'rfc-examples/rfc9701.json': {
      jwt: jws,
      header: { typ: 'token-introspection+jwt', alg: 'RS256', kid: 'wG6D' },
      claims: {
        iss: 'https://as.example.com/',
        aud: 'https://rs.example.com/resource',
        token_introspection: {
          active: true,
          aud: 'https://rs.example.com/resource',
          client_id: 'client-1',
          sub: 'user-1',
          iat: 1_000_000,
          exp: 1_000_600,
        },
      },
      derived_cases: [{ id: 'ok' }, { id: 'typ JWT' }, { id: 'presented as a bearer token' }],
    },
    'rfc-examples/rfc9449.json': dpopFigures(),
    'rfc-examples/rfc7662_8705.json': {
      introspection_responses: [
        {
          id: 'active',
          verdict: 'allow',
          now: 1_000_000,
          body: {
            active: true,
            iss: 'https://server.example.com/',
            aud: 'https://protected.example.net/resource',
            client_id: 'client-1',
            sub: 'user-1',
            iat: 999_990,
            exp: 1_000_600,
          },
        },
        { id: 'inactive', body: { active: false }, verdict: 'deny 401 invalid_token' },
        { id: 'no answer', status: 500, verdict: '503' },
      ],
      mtls_claim: { cnf: { 'x5t#S256': 'AAAA' } },
      mtls_cases: [{ id: 'no client certificate' }, { id: 'a case of later' }],
    },
    'json-test-suite/test_parsing.json': {
      cases: [
        { name: 'y_object', expect: 'accept', bytes_b64: bytes('{"a":[1]}') },
        { name: 'y_number', expect: 'accept', bytes_b64: bytes('1') },
        { name: 'y_twice', expect: 'accept', bytes_b64: bytes('{"a":1,"a":2}') },
        { name: 'i_huge', expect: 'either', bytes_b64: bytes('[1e999]') },
        { name: 'n_open', expect: 'reject', bytes_b64: bytes('{') },
      ],
    },
    'auth0-node-oauth2-jwt-bearer/bearer_and_host.json': {
      bearer: [
        { request: { authorization: 'Bearer token' }, token: 'token' },
        { request: {}, verdict: '401' },
        { request: { method: 'POST', json: { access_token: 'token' } }, verdict: '401' },
        { request: { query: { access_token: 'token' } }, edge_verdict: '401 at an edge' },
      ],
      host: [
        { host: 'example.com', valid: true },
        { host: 'user@example.com', valid: false },
      ],
    },
    'auth0-node-oauth2-jwt-bearer/htu_normalize.json': {
      cases: [
        {
          name: 'query',
          source: 'proof',
          input: 'https://a.example/b?c',
          normalized: 'https://a.example/b',
        },
        { name: 'case', source: 'request', input: 'HTTPS://A.example/b', normalized: 'https://a.example/b' },
        {
          name: 'user name',
          source: 'proof',
          input: 'https://u@a.example/b',
          normalized: 'https://a.example/b',
        },
        { name: 'no URL', source: 'proof', input: '::', normalized: null },
      ],
    },
    // Not a vector: tests use it to make mistakes.
    other: other.publicJwk,
  }
}

export function writeVectors(directory: string, files: Files): void {
  for (const [name, data] of Object.entries(files)) {
    if (!name.includes('/')) continue
    mkdirSync(dirname(join(directory, name)), { recursive: true })
    writeFileSync(join(directory, name), typeof data === 'string' ? data : JSON.stringify(data))
  }
}
