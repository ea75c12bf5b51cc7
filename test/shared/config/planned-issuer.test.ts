// A plan has what an edge reads of a profile. What the documentation and the compiler read stays out of it.

import { expect, test } from 'vitest'
import { planOf } from '../../../shared/config/compile.ts'
import { fill } from '../../../shared/edge.ts'
import { resolveConfig, type LanekeeperConfig } from '../../../shared/index.ts'

const issuer = (name: string) => ({
  issuer: `https://${name}.example.com`,
  audience: 'https://api.example.com',
  profile: 'rfc9068' as const,
  keys: { discovery: 'openid-configuration' as const },
})

const config: LanekeeperConfig = {
  issuers: { one: issuer('one'), two: issuer('two') },
  routes: [{ path: '/orders', methods: ['GET'], scope: { allOf: ['orders:read'] } }],
}

const plan = planOf(resolveConfig(config))
const filled = fill(plan, null, {})
const [one, two] = filled.issuers.values()

test('the profile has no members that nothing deployed reads', () => {
  expect(Object.keys(one!.profile).toSorted()).toEqual([
    ...[
      'client',
      'clientCredentialsWhen',
      'evidence',
      'name',
      'required',
      'scopes',
      'tokenId',
      'typ',
      'user',
    ],
  ])
  expect(one!.profile.scopes).toEqual({ choices: expect.any(Array) })
  expect(JSON.stringify(plan)).not.toContain('"text"')
})

test('evidence in claims is the usual one, and evidence in the header is named', () => {
  expect(one!.profile.evidence).toEqual([[{ name: 'client_id' }], [{ name: 'jti' }]])
  const pingfederate = one!.looksLike.find(({ name }) => name === 'pingfederate')
  expect(pingfederate?.evidence[0]).toEqual([{ in: 'header', name: 'pi.atm' }])
})

test('issuers share a profile and its hints', () => {
  expect(two!.profile).toBe(one!.profile)
  expect(two!.looksLike).toBe(one!.looksLike)
})
