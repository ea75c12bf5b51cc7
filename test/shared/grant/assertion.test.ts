// What an assertion says of a caller besides the rest of its identity. The whole way is in functions/cloudflare.

import { generateKeyPairSync } from 'node:crypto'
import { calculateJwkThumbprint, createLocalJWKSet, decodeJwt, jwtVerify, type JWK } from 'jose'
import { describe, expect, test } from 'vitest'
import { createAssertions } from '../../../shared/grant/assertion.ts'
import type { Grant } from '../../../shared/index.ts'
import { SECRET_TIMES } from '../../../shared/secrets/secret-times.ts'
import { storeSecret } from '../../support/stored-secret.ts'

const generate = () =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }) as JWK
const key = generate()

const GRANT: Grant = {
  principal: { kind: 'user', id: 'user-1' },
  clientId: 'client-1',
  scopes: ['read'],
  issuer: 'main',
  expiresAt: 1_900_000_000,
  notBefore: null,
  tokenId: null,
  facts: {},
}

async function claimsOf(grant: Grant) {
  const { sign } = createAssertions(
    {
      key: { env: 'KEY' },
      issuer: 'https://edge.example',
      audience: 'https://origin.example',
      lifetimeSeconds: 30,
      publicKeys: [],
    },
    { fetch, now: Date.now, report: () => {}, secrets: async () => JSON.stringify(key) },
  )
  const signed = await sign({ allow: true, route: 'GET /x', grant }, { method: 'GET', path: '/x' })
  return decodeJwt(signed as string)
}

test('an assertion says how the sender of a bound token has proven itself, and nothing of it for another token', async () => {
  expect(await claimsOf({ ...GRANT, sender: 'dpop' })).toMatchObject({ sub: 'user-1', sender: 'dpop' })
  expect(await claimsOf(GRANT)).not.toHaveProperty('sender')
})

/** A new instance of the edge, whose store of secrets the test changes. */
function startEdge(first: JWK, publicKeys: readonly JWK[] = []) {
  const { world, ports } = storeSecret(JSON.stringify(first))
  const config = {
    key: { env: 'S' },
    issuer: 'https://edge.example',
    audience: 'o',
    lifetimeSeconds: 30,
    publicKeys,
  }
  const { sign, jwks } = createAssertions(config, ports)
  return {
    world,
    sign: async () =>
      (await sign({ allow: true, route: 'GET /x', grant: GRANT }, { method: 'GET', path: '/x' })) as string,
    keys: async () => (await jwks()) as { keys: JWK[] },
  }
}

/** Whether an origin that has fetched these keys accepts the assertion: `ok`, or the code of jose. */
const accepts = (assertion: string, keys: { keys: JWK[] }): Promise<string> =>
  jwtVerify(assertion, createLocalJWKSet(keys), { currentDate: new Date(1_000_000) }).then(
    () => 'ok',
    (error: { code: string }) => error.code,
  )

describe('while the key is changed, an origin verifies', () => {
  const [old, next] = [generate(), generate()]
  const publicOf = ({ d: _, ...jwk }: JWK): JWK => jwk
  const both = [publicOf(old), publicOf(next)]

  test('assertions of either key with the keys of any instance, where publicKeys has both', async () => {
    const running = startEdge(old, both)
    const [before, keysBefore] = [await running.sign(), await running.keys()]
    running.world.value = JSON.stringify(next)
    const anew = startEdge(next, both)
    const [stillOld, after] = [await running.sign(), await anew.sign()]
    for (const keys of [keysBefore, await running.keys(), await anew.keys()])
      expect(await Promise.all([before, stillOld, after].map((one) => accepts(one, keys)))).toEqual(
        Array.from({ length: 3 }, () => 'ok'),
      )
    running.world.now += SECRET_TIMES.freshMs
    expect(await accepts(await running.sign(), keysBefore)).toBe('ok')
    expect(await accepts(stillOld, await running.keys())).toBe('ok')
  })

  test('not those of the old key with the keys of a new instance, where publicKeys has the next one alone', async () => {
    const running = startEdge(old, [publicOf(next)])
    expect(await accepts(await running.sign(), await startEdge(next, [publicOf(next)]).keys())).toBe(
      'ERR_JWKS_NO_MATCHING_KEY',
    )
  })

  test('not those of the next key with the keys of an instance that does not publish it yet', async () => {
    expect(await accepts(await startEdge(next).sign(), await startEdge(old).keys())).toBe(
      'ERR_JWKS_NO_MATCHING_KEY',
    )
  })

  test('each key is published once, and under the name that assertions have', async () => {
    const { keys } = await startEdge(old, both).keys()
    expect(keys.map(({ kid }) => kid)).toEqual(
      await Promise.all(both.map((jwk) => calculateJwkThumbprint(jwk))),
    )
    const named = { ...publicOf(next), kid: 'of another signer' }
    expect((await startEdge(old, [named]).keys()).keys.map(({ kid }) => kid)).toContain('of another signer')
  })
})
