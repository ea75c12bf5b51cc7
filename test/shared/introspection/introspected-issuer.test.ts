// An issuer with a profile whose opaque tokens are introspected: its answers are read with the members of RFC 7662, and
// its list of clients applies to them as to its JWTs.

import { expect, test } from 'vitest'
import { toGrant } from '../../../shared/grant/grant.ts'
import { resolveConfig, type LanekeeperConfig } from '../../../shared/index.ts'
import { INTROSPECTION_RULES } from '../../../shared/introspection/introspection-rules.ts'
import { toIntrospectedIssuer, isIntrospected } from '../../../shared/introspection/introspected-issuer.ts'

const config = (change: object = {}) =>
  resolveConfig(
    {
      issuers: {
        main: {
          issuer: 'https://acme.okta.com/oauth2/default',
          audience: 'api://x',
          profile: 'okta',
          keys: { jwks_uri: 'https://keys.example/jwks' },
          clients: ['app'],
          ...change,
        },
      },
      routes: [{ path: '/', methods: ['GET'], scope: 'none' }],
    } as LanekeeperConfig,
    { env: { OUR_TOKEN: 'secret' } },
  )

const issuerOf = (resolved: ReturnType<typeof config>) => [...resolved.issuers.values()][0]!
const ANSWER = { sub: 'user-1', client_id: 'app', scope: 'read', exp: 2, scp: ['admin'], cid: 'x', uid: 'y' }

test('scopes, client and user come from the answer', () => {
  const resolved = config()
  const grant = toGrant({ header: {}, claims: ANSWER }, toIntrospectedIssuer(issuerOf(resolved)), resolved)
  expect(grant).toMatchObject({
    principal: { kind: 'user', id: 'user-1' },
    clientId: 'app',
    scopes: ['read'],
  })
})

test('a claim that is configured to identify users does so in answers, too', () => {
  const resolved = config({ principal: { claim: 'email' } })
  const ask = (claims: object) =>
    toGrant(
      { header: {}, claims: { ...ANSWER, ...claims } },
      toIntrospectedIssuer(issuerOf(resolved)),
      resolved,
    )
  expect(ask({ email: 'a@b.example', email_verified: true })).toMatchObject({
    principal: { id: 'a@b.example' },
  })
  expect(ask({ email: 'a@b.example' })).toEqual({ code: 'email_unverified' })
})

test('the list of clients applies to answers', () => {
  const rule = INTROSPECTION_RULES.find(({ name }) => name === 'clients')!
  const endpoint = 'https://acme.okta.com/oauth2/default/v1/introspect'
  const introspection = { endpoint, authentication: 'bearer', secret: { env: 'OUR_TOKEN' } }
  const issuer = [...config({ introspection }).issuers.values()].find(isIntrospected)!
  expect(rule.check(ANSWER, issuer, 0)).toBeNull()
  expect(rule.check({ ...ANSWER, client_id: 'other' }, issuer, 0)).toEqual({
    code: 'client_mismatch',
  })
})

test.each([
  ['a user, by the place of users', { preferred_username: 'ada' }, 'user', ['read', 'write']],
  ['a client, by the place of clients', { clientHost: '192.0.2.1' }, 'client', ['write', 'admin']],
  ['an unknown principal, by both', {}, 'unknown', ['write']],
])('scopes in two places: those of %s', (_, claims, kind, scopes) => {
  const resolved = config({
    profile: 'keycloak',
    issuer: 'https://id.example/realms/a',
    clientScopes: { claim: ['realm_access', 'roles'], shape: 'list' },
  })
  const token = {
    ...{ sub: 'x', azp: 'app', exp: 2, scope: 'read write', realm_access: { roles: ['write', 'admin'] } },
    ...claims,
  }
  const grant = toGrant({ header: {}, claims: token }, issuerOf(resolved), resolved)
  expect(grant).toMatchObject({ principal: { kind }, scopes })
})

test('scopes in two places: malformed in one is malformed for a principal that is unknown', () => {
  const resolved = config({
    profile: 'keycloak',
    issuer: 'https://id.example/realms/a',
    clientScopes: { claim: ['realm_access', 'roles'], shape: 'list' },
  })
  const token = { sub: 'x', azp: 'app', exp: 2, scope: 'read', realm_access: { roles: 'read' } }
  expect(toGrant({ header: {}, claims: token }, issuerOf(resolved), resolved)).toMatchObject({
    code: 'claim_malformed',
  })
})
