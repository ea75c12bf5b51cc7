// The kind that an unverified token looks like: the caller does not get it, but the log has it, marked as unverified,
// with the name of the evidence and never with its value. RFC 9449 section 4.2, RFC 7523 section 3.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAuthorizer, toRefusal, type ReportEvent } from '../../../shared/index.ts'
import { startCaseWorld, type CaseWorld } from '../../support/case-world.ts'
import { generateKey, signCompact, type Members, type SigningKey } from '../../support/test-issuer.ts'

let world: CaseWorld
let clientKey: SigningKey

beforeAll(async () => {
  ;[world, clientKey] = await Promise.all([startCaseWorld(), generateKey('ES256', 'of-the-client')])
})

afterAll(() => world.close())

async function ask(header: Members, claims: Members, key = clientKey) {
  const events: ReportEvent[] = []
  const authorizer = createAuthorizer(
    world.config,
    { fetch, now: Date.now, secrets: world.secrets, report: (event) => void events.push(event) },
    { env: world.env },
  )
  const now = Math.floor(Date.now() / 1000)
  const token = await signCompact(
    key,
    { alg: key.algorithm, kid: key.kid, ...header },
    { iat: now, exp: now + 60, ...claims },
  )
  const decision = await authorizer.authorize({
    method: 'GET',
    path: '/orders',
    authorization: [`Bearer ${token}`],
    accessTokenInQuery: false,
  })
  return { decision, event: events.find(({ event }) => event === 'decision') }
}

test.each<[string, string, string, Members, () => Members]>([
  [
    'a DPoP proof',
    'header_member_refused',
    'dpop_proof',
    { typ: 'dpop+jwt', jwk: { kty: 'EC' } },
    () => ({ htm: 'GET', htu: 'https://api.example/secret-path', jti: 'j' }),
  ],
  [
    'a client assertion',
    'issuer_unknown',
    'client_assertion',
    { typ: 'JWT' },
    () => ({ iss: 'client-1', sub: 'client-1', aud: world.main.issuer }),
  ],
  [
    'a presentation of an unknown holder',
    'issuer_unknown',
    'verifiable_presentation',
    { typ: 'vp+jwt' },
    () => ({ iss: 'did:example:secret' }),
  ],
  [
    'an ID token under an unknown key',
    'key_unknown',
    'id_token',
    { typ: 'JWT' },
    () => ({ iss: world.main.issuer, sub: 's', nonce: 'secret' }),
  ],
])('%s', async (_, code, kind, header, claims) => {
  const { decision, event } = await ask(header, claims())
  expect(decision).toMatchObject({ allow: false, code, detail: { unverified_kind: kind } })
  expect(event).toMatchObject({ code, detail: { unverified_kind: kind } })
  expect(JSON.stringify(event)).not.toMatch(/secret|client-1/)
  const refusal = toRefusal(decision as never, 'api')
  expect(JSON.stringify(refusal)).not.toMatch(/unverified|kind|ID token|proof|assertion|presentation/)
})

test('a forged ID token is a bad signature in the answer, and named in the log alone', async () => {
  const { decision } = await ask(
    { kid: 'shared', typ: 'at+jwt' },
    { iss: world.main.issuer, nonce: 'n' },
    world.attackerKey,
  )
  expect(decision).toMatchObject({ code: 'signature_invalid', detail: { unverified_kind: 'id_token' } })
})

test('a forged access token looks like nothing else', async () => {
  const { decision } = await ask(
    { kid: 'shared', typ: 'at+jwt' },
    { iss: world.main.issuer },
    world.attackerKey,
  )
  expect(decision).toEqual({ allow: false, code: 'signature_invalid', route: 'GET /orders' })
})
