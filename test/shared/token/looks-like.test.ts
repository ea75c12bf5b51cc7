// The log about a token with a valid signature that the configured profile does not accept: which profile it looks
// like, and whom the failure blames. The answer to the caller stays the same.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  createAuthorizer,
  toRefusal,
  type DecisionReport,
  type KeyedIssuerConfig,
  type ReportEvent,
} from '../../../shared/index.ts'
import { PROVIDER_SHAPES } from '../../cases/providers/shapes.ts'
import { keycloak } from '../../cases/providers/keycloak.ts'
import { pingfederate } from '../../cases/providers/ping.ts'
import { okta } from '../../cases/providers/okta-cognito.ts'
import { custom } from '../../cases/providers/custom.ts'
import { rfc9068, spring } from '../../cases/providers/standard.ts'
import type { ProviderShape, TokenShape } from '../../cases/providers/shape.ts'
import type { TokenChange } from '../../support/provider-issuers.ts'
import { startCaseWorld, type CaseWorld } from '../../support/case-world.ts'

let world: CaseWorld

beforeAll(async () => {
  world = await startCaseWorld()
})

afterAll(() => world.close())

type Settings = Partial<KeyedIssuerConfig>

const OURS = 'https://orders.example'

/** The decision and the log event about a token of a provider, with these settings of the issuer. */
async function decided(
  shape: ProviderShape,
  settings: Settings,
  change: TokenChange = {},
  token?: TokenShape,
) {
  const events: ReportEvent[] = []
  const { jwks_uri } = { jwks_uri: `${world.providers.url}/keys/${shape.id}` }
  const main = {
    ...{ issuer: world.providers.issuerOf(shape), audience: OURS, profile: 'rfc9068', keys: { jwks_uri } },
    ...{ algorithms: ['ES256'], ...settings },
  } as KeyedIssuerConfig
  const authorizer = createAuthorizer(
    { issuers: { main }, routes: [{ path: '/', methods: ['GET'], scope: 'none' }] },
    { fetch, now: Date.now, report: (event) => void events.push(event) },
  )
  const jwt = await world.providers.sign(shape, token ?? shape.access, change)
  const ask = () =>
    authorizer.authorize({
      ...{ method: 'GET', path: '/', authorization: [`Bearer ${jwt}`], accessTokenInQuery: false },
    })
  const [first, again] = [await ask(), await ask()]
  expect(again).toEqual(first)
  const decisions = events.filter((event): event is DecisionReport => event.event === 'decision')
  if (first.allow) return { ...decisions[0]!, status: 200 }
  return { ...decisions[0]!, status: toRefusal(first, 'api').status }
}

const OTHER_PROFILES = PROVIDER_SHAPES.filter(
  ({ config }) => typeof config.profile === 'string' && !config.profile.endsWith('rfc9068'),
)

describe.each(OTHER_PROFILES.map((shape) => [shape.id, shape] as const))(
  'a token of %s, under rfc9068',
  (_, shape) => {
    test('looks like the profile that should be configured, and blames the operator', async () => {
      expect(await decided(shape, {}, { claims: { aud: OURS, nonce: undefined } })).toMatchObject({
        ...{ code: 'token_kind_unproven', status: 401, blame: 'operator' },
        detail: { looks_like: shape.config.profile },
      })
    })

    test('that is for another API looks like it, too, and blames the client', async () => {
      const claims = { aud: 'https://other.example', nonce: undefined }
      expect(await decided(shape, {}, { claims })).toMatchObject({
        ...{ code: 'token_kind_unproven', status: 401, blame: 'client' },
        detail: { looks_like: shape.config.profile },
      })
    })

    test('looks like nothing without one piece of its evidence', async () => {
      for (const { header = {}, claims = {} } of Object.values(shape.withoutEvidence)) {
        // Its tokens may have their scopes in another claim than the configured one.
        if ('permissions' in claims) continue
        const { detail } = await decided(shape, {}, { header, claims: { ...claims, aud: OURS } })
        expect(detail).not.toMatchObject({ looks_like: shape.config.profile })
      }
    })

    test('looks like nothing if it is an ID token', async () => {
      for (const nonce of [undefined, 'n']) {
        const claims = { nonce, at_hash: undefined, c_hash: undefined, s_hash: undefined, aud: OURS }
        // AD FS has no evidence of an ID token but `iss`.
        const iss = `${world.providers.url}${shape.idTokenPath ?? shape.path}`
        const event = await decided(shape, { issuer: iss }, { claims: { ...claims, iss } }, shape.idToken)
        expect(event).toMatchObject({ outcome: 'deny', blame: 'client' })
        expect(event.detail).not.toHaveProperty('looks_like')
      }
    })
  },
)

describe('a token of Keycloak with the typ of RFC 9068', () => {
  const atJwt = (claims: TokenChange['claims'] = {}): TokenChange => ({
    header: { typ: 'at+jwt' },
    claims: { aud: OURS, client_id: undefined, ...claims },
  })

  test('of a user has no client_id: keycloak is the profile', async () => {
    expect(await decided(keycloak, {}, atJwt())).toMatchObject({
      ...{ code: 'token_kind_unproven', status: 401, blame: 'operator' },
      detail: { missing: 'client_id', looks_like: 'keycloak' },
    })
    expect(await decided(keycloak, { profile: 'keycloak' }, atJwt())).toMatchObject({ outcome: 'allow' })
  })

  test('of a service account is no audience of ours without a mapper', async () => {
    const account = atJwt({ aud: 'account', client_id: 'client-1' })
    expect(await decided(keycloak, {}, account)).toMatchObject({
      ...{ code: 'audience_mismatch', status: 401, blame: 'client' },
      detail: { looks_like: 'keycloak' },
    })
  })

  test('with another audience, under its own profile, blames the client', async () => {
    const event = await decided(keycloak, { profile: 'keycloak' }, atJwt({ aud: 'x', client_id: 'client-1' }))
    expect(event).toMatchObject({ code: 'audience_mismatch', blame: 'client' })
    expect(event.detail).toBeUndefined()
  })
})

describe('an audience', () => {
  test.each(['https://orders.example/', 'https://Orders.example', 'HTTPS://ORDERS.EXAMPLE/'])(
    '%s is our audience but for its spelling, and blames the operator',
    async (aud) => {
      expect(await decided(rfc9068, {}, { claims: { aud: ['x', aud] } })).toMatchObject({
        ...{ code: 'audience_mismatch', status: 401, blame: 'operator', detail: { nearest: OURS } },
      })
    },
  )

  test.each(['https://orders.example/v2', 'http://orders.example', 'orders.example', '/'])(
    '%s is another audience',
    async (aud) => {
      const event = await decided(rfc9068, {}, { claims: { aud } })
      expect(event).toMatchObject({ code: 'audience_mismatch', blame: 'client' })
      expect(event.detail).toBeUndefined()
    },
  )
})

describe('scopes in the other shape', () => {
  test.each([
    ['spring under rfc9068', spring, 'rfc9068', {}, 'list', 'scopes'],
    ['a string under rfc9068 with a list', spring, 'rfc9068', spring.otherShape, 'string', 'scopes'],
    ['pingfederate', pingfederate, 'pingfederate', pingfederate.otherShape, 'list', 'scopes'],
    ['okta', okta, 'okta', okta.otherShape, 'string', 'profile'],
    ['a described one', custom, custom.config.profile, custom.otherShape, 'string', 'profile'],
  ] as const)('%s: the setting to change is named', async (_, shape, profile, claims, found, setting) => {
    const scopes = found === 'string' && shape === spring ? { scopes: { claim: 'scope', shape: 'list' } } : {}
    const { principal } = shape.config as Settings
    const settings = { profile, ...scopes, ...(principal === undefined ? {} : { principal }) } as Settings
    expect(await decided(shape, settings, { claims: { aud: OURS, ...claims } })).toMatchObject({
      ...{ code: 'claim_malformed', status: 401, blame: 'operator' },
      detail: { shape: found, configure: `issuers.main.${setting}` },
    })
  })

  test.each([[{ scope: ['read', 1] }], [{ scope: 7 }], [{ scope: 'read\tadmin' }], [{ scope: null }]])(
    'scopes that are malformed in both shapes blame the client: %j',
    async (claims) => {
      const event = await decided(rfc9068, {}, { claims: { aud: OURS, ...claims } })
      expect(event).toMatchObject({ code: 'claim_malformed', blame: 'client' })
      expect(event.detail).toEqual({ claim: 'scope' })
    },
  )
})
