// What an assertion says of a caller besides the rest of its identity. The whole way is in functions/cloudflare.

import { generateKeyPairSync } from 'node:crypto'
import { decodeJwt } from 'jose'
import { expect, test } from 'vitest'
import { createAssertions } from '../../../shared/grant/assertion.ts'
import type { Grant } from '../../../shared/index.ts'

const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })

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
