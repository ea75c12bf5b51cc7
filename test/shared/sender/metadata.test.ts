// What the metadata of a resource says of bound tokens, for what its issuer and its routes demand together. RFC 9728
// section 2.

import { expect, test } from 'vitest'
import type { SenderConstraintDemand } from '../../../shared/config/sender/constraint.ts'
import { resolveConfig, type RouteRule } from '../../../shared/index.ts'
import { describeSenders } from '../../../shared/sender/metadata.ts'

const BASE = 'https://api.test.example'

const issuer = (name: string, senderConstraint?: SenderConstraintDemand) => ({
  issuer: `https://${name}.test.example`,
  audience: `${BASE}/mcp`,
  profile: 'rfc9068' as const,
  keys: { discovery: 'openid-configuration' as const },
  ...(senderConstraint && { senderConstraint }),
})

/** `routes`: what each demands, by its path below the resource. */
function describeWith(
  issuers: Readonly<Record<string, SenderConstraintDemand | undefined>>,
  routes: Readonly<Record<string, SenderConstraintDemand | 'public' | undefined>>,
) {
  const config = resolveConfig({
    issuers: Object.fromEntries(
      Object.entries(issuers).map(([name, demand]) => [name, issuer(name, demand)]),
    ),
    publicUrls: [BASE],
    resources: [{ identifier: `${BASE}/mcp` }],
    routes: Object.entries(routes).map(([path, demand]): RouteRule => {
      const common = { path: `/mcp${path}`, methods: ['GET'] } as const
      if (demand === 'public') return { ...common, public: true }
      return { ...common, scope: 'none', ...(demand && { senderConstraint: demand }) }
    }),
  })
  return describeSenders(config.resources[0]!, config)
}

const ALGS = { dpop_signing_alg_values_supported: ['ES256', 'EdDSA', 'Ed25519', 'PS256', 'RS256'] }
const CERTIFICATES = { tls_client_certificate_bound_access_tokens: true }
const BOTH = { ...ALGS, ...CERTIFICATES }
const REQUIRED = { ...ALGS, dpop_bound_access_tokens_required: true, bearer_methods_supported: [] }

test.each<[string, ...Parameters<typeof describeWith>, object]>([
  ['no issuer with bound tokens', { main: undefined }, { '/a': undefined }, {}],
  ['an issuer with both', { main: 'any' }, { '/a': undefined }, BOTH],
  ['an issuer with bound tokens alone', { main: 'dpop' }, { '/a': undefined }, REQUIRED],
  ['an issuer with tokens bound in any way', { main: 'bound' }, { '/a': undefined }, BOTH],
  ['an issuer with tokens bound to a certificate', { main: 'mtls' }, { '/a': undefined }, CERTIFICATES],
  ['a route that demands a certificate', { main: 'any' }, { '/a': 'mtls' }, BOTH],
  ['two issuers', { main: 'dpop', other: 'mtls' }, { '/a': undefined }, BOTH],
  ['two issuers, and a route that demands DPoP', { main: 'dpop', other: 'mtls' }, { '/a': 'dpop' }, REQUIRED],
  ['routes that all demand it', { main: 'dpop' }, { '/a': 'dpop', '/b': 'bound' }, REQUIRED],
  ['one route that does not', { main: 'any' }, { '/a': 'dpop', '/b': undefined }, BOTH],
  ['a public route besides', { main: 'dpop' }, { '/a': 'dpop', '/b': 'public' }, REQUIRED],
  ['routes that take none', { main: 'any' }, { '/a': 'none' }, {}],
  ['public routes alone', { main: 'any' }, { '/a': 'public' }, {}],
  ['another issuer without', { main: 'dpop', other: undefined }, { '/a': undefined }, ALGS],
])('%s', (_, issuers, routes, expected) => {
  expect(describeWith(issuers, routes)).toEqual(expected)
})
