// Faults of an issuer's keys, through the edges: a good token passes while the stored keys may be used, an undecidable
// token gets 503, and no verdict that only the fault caused is cached. Real key server, real workerd.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { LanekeeperConfig } from '../../shared/index.ts'
import { FAULTS } from '../cases/key-drill.ts'
import type { EdgeName } from '../cases/row.ts'
import { EDGES } from '../edges/all-edges.ts'
import type { Edge } from '../edges/edge.ts'
import { AUDIENCE } from '../support/case-world.ts'
import { hang } from '../support/time.ts'
import { generateKey, startTestIssuer, type SigningKey, type TestIssuer } from '../support/test-issuer.ts'

const MINUTE = 60_000

type Answer = (request: IncomingMessage, response: ServerResponse) => void

let key: SigningKey
let issuer: TestIssuer
let attacker: TestIssuer
let edge: Edge
let ahead: number

const configFor = (served: TestIssuer): LanekeeperConfig => ({
  issuers: {
    main: {
      issuer: served.issuer,
      audience: AUDIENCE,
      profile: 'rfc9068',
      keys: { jwks_uri: served.jwksUri },
      algorithms: ['ES256'],
    },
  },
  routes: [{ path: '/orders', methods: ['GET'], scope: { allOf: ['read'] } }],
})

/** The code of the answer to a token that is valid at the edge's time, apart from its kid. */
async function ask(kid = 'k'): Promise<string> {
  const now = Math.floor((Date.now() + ahead) / 1000)
  const token = await issuer.token({ header: { kid }, claims: { iat: now - 5, exp: now + 600 } })
  const outcome = await edge.send({
    method: 'GET',
    path: '/orders',
    authorization: [`Bearer ${token}`],
  })
  expect(outcome.allow).toBe(outcome.code === 'access_token')
  return outcome.code
}

async function advance(ms: number): Promise<void> {
  ahead += ms
  await edge.advance(ms)
}

const answer =
  (status: number, body: string | Buffer): Answer =>
  (_, response) =>
    void response.writeHead(status, status === 302 ? { location: attacker.jwksUri } : {}).end(body)

const down: Answer = (_, response) => void response.destroy()

/** Answers of a key server that must not replace a good key set. */
const POISON: Readonly<Record<string, Answer>> = {
  'an empty set': answer(200, '{"keys":[]}'),
  'a page of HTML': answer(200, '<html></html>'),
  'ten megabytes': answer(200, Buffer.alloc(10_000_000, ' ')),
  'null and a symmetric key': answer(200, '{"keys":[null,{"kty":"oct","k":""}]}'),
  'an error': answer(500, ''),
}

const TRIED: readonly EdgeName[] = ['core', 'worker', 'rest REQUEST', 'http 2.0 simple']

describe.each(TRIED)('%s', (name) => {
  beforeEach(async () => {
    ahead = 0
    key = await generateKey('ES256', 'k')
    ;[issuer, attacker] = await Promise.all([
      startTestIssuer({ audience: AUDIENCE, keys: [key] }),
      startTestIssuer({ audience: AUDIENCE, keys: [await generateKey('ES256', 'k')] }),
    ])
    edge = await EDGES[name](configFor(issuer))
  })

  afterEach(async () => {
    await Promise.all([edge.close(), issuer.close(), attacker.close()])
  })

  test('A015 a redirect is not followed, and the stored keys stay valid', async () => {
    expect(await ask()).toBe('access_token')
    issuer.answerWith(answer(302, ''))
    await advance(25 * MINUTE)
    expect(await ask()).toBe('access_token')
    expect(await ask('unknown')).toBe('keys_unavailable')
    expect(issuer.fetches()).toBe(2)
    expect(attacker.requests()).toBe(0)
  })

  test('A050 a token refused while the keys were unavailable passes once they are available', async () => {
    issuer.answerWith(down)
    expect(await ask()).toBe('keys_unavailable')
    issuer.answerWith(null)
    await advance(2_000)
    expect(await ask()).toBe('access_token')
  })

  test('A123 with the server down a known kid passes within the grace period, an unknown one gets 503, and then all do', async () => {
    expect(await ask()).toBe('access_token')
    issuer.answerWith(down)
    await advance(31_000)
    expect(await ask('unknown')).toBe('keys_unavailable')
    expect(await ask()).toBe('access_token')
    await advance(58 * MINUTE)
    expect(await ask()).toBe('access_token')
    await advance(2 * MINUTE)
    expect(await ask()).toBe('keys_unavailable')
    issuer.answerWith(null)
    await advance(MINUTE)
    expect(await ask()).toBe('access_token')
  })

  test('A125 200 unknown kids are refused without a fetch, and one after the cool-down', async () => {
    expect(await ask()).toBe('access_token')
    for (let i = 0; i < 200; i++) expect(await ask(`random-${i}`)).toBe('key_unknown')
    expect(issuer.fetches()).toBe(1)
    await advance(31_000)
    for (let i = 0; i < 50; i++) expect(await ask(`later-${i}`)).toBe('key_unknown')
    expect(issuer.fetches()).toBe(2)
    expect(await ask()).toBe('access_token')
  })

  test.each(Object.entries(POISON))('A126 %s does not replace a good set', async (_, poison) => {
    expect(await ask()).toBe('access_token')
    issuer.answerWith(poison)
    await advance(25 * MINUTE)
    expect(await ask()).toBe('access_token')
    expect(await ask('unknown')).toBe('keys_unavailable')
  })

  test('A126 one bad entry does not spoil the good ones beside it', async () => {
    issuer.publish([null, 'text', { kty: 'RSA', kid: 'bad', n: '', e: '' }, key.publicJwk])
    expect(await ask()).toBe('access_token')
    expect(await ask('bad')).toBe('key_mismatch')
  })

  test('A127 a fetch from a server that hangs times out, and the stored keys stay valid', async () => {
    expect(await ask()).toBe('access_token')
    issuer.answerWith(hang)
    await advance(25 * MINUTE)
    expect(await ask()).toBe('access_token')
    expect(await ask()).toBe('access_token')
    expect(issuer.fetches()).toBe(2)
  })

  test('a server that switches protocols counts as failed: the stored keys stay valid, and the next fetch is delayed', async () => {
    issuer.answerWith(FAULTS['101']!.answer)
    expect(await ask()).toBe('keys_unavailable')
    expect(await ask()).toBe('keys_unavailable')
    expect(issuer.requests()).toBe(1)
    issuer.answerWith(null)
    await advance(2_000)
    expect(await ask()).toBe('access_token')
    issuer.answerWith(FAULTS['101']!.answer)
    await advance(25 * MINUTE)
    expect(await ask()).toBe('access_token')
    expect(await ask('unknown')).toBe('keys_unavailable')
    expect(issuer.requests()).toBe(3)
  })

  test('A128 an issuer that was down at the start is fetched from again, and its tokens then pass', async () => {
    issuer.answerWith(down)
    expect(await ask()).toBe('keys_unavailable')
    expect(await ask()).toBe('keys_unavailable')
    expect(issuer.requests()).toBe(1)
    await advance(1_500)
    expect(await ask()).toBe('keys_unavailable')
    expect(issuer.requests()).toBe(2)
    issuer.answerWith(null)
    await advance(2_500)
    expect(await ask()).toBe('access_token')
  })
})
