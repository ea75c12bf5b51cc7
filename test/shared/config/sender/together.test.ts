// Sender constraints and the rest of the configuration: a route only narrows its issuers, proofs need URLs to name, and
// the identity of a bound token has a name of its own.

import { describe, expect, test } from 'vitest'
import { CLOUDFLARE_EDGE } from '../../../../functions/cloudflare/compile.ts'
import { compileFor } from '../../../../shared/compiler.ts'
import { resolveConfig, type IssuerConfig, type LanekeeperConfig } from '../../../../shared/index.ts'
import { GOOD, problemsOf } from '../../../support/config-problems.ts'

const PUBLIC = ['https://api.example.com']

type Demand = NonNullable<IssuerConfig['senderConstraint']>

/** Issuers with these values, and a route about which `route` says more. */
const withDemands = (
  issuers: Readonly<Record<string, Demand | undefined>>,
  route: object,
): LanekeeperConfig =>
  ({
    ...GOOD,
    issuers: Object.fromEntries(
      Object.entries(issuers).map(([name, senderConstraint]) => [
        name,
        {
          ...GOOD.issuers['main']!,
          issuer: `https://${name}.example.com`,
          ...(senderConstraint === undefined ? {} : { senderConstraint }),
        },
      ]),
    ),
    publicUrls: PUBLIC,
    routes: [{ ...GOOD.routes[0]!, ...route }],
  }) as LanekeeperConfig

describe('a route only narrows what an issuer accepts', () => {
  const refusal = (value: Demand, issuers: string) =>
    `routes[0].senderConstraint: is "${value}", and no issuer of the route accepts all of these tokens (${issuers}); a route only narrows what an issuer accepts`

  test.each<[of: Demand | undefined, refused: readonly Demand[], taken: readonly Demand[]]>([
    [undefined, ['any', 'dpop', 'mtls', 'bound'], ['none']],
    ['none', ['any', 'dpop', 'mtls', 'bound'], ['none']],
    ['any', [], ['none', 'any', 'dpop', 'mtls', 'bound']],
    ['dpop', ['none', 'any', 'mtls'], ['dpop', 'bound']],
    ['mtls', ['none', 'any', 'dpop'], ['mtls', 'bound']],
    ['bound', ['none', 'any'], ['dpop', 'mtls', 'bound']],
  ])('of an issuer with %s it refuses %j and takes %j', (issuer, refused, taken) => {
    for (const senderConstraint of refused)
      expect(problemsOf(withDemands({ main: issuer }, { senderConstraint }))).toEqual([
        refusal(senderConstraint, `main: ${issuer ?? 'none'}`),
      ])
    for (const senderConstraint of taken)
      expect(problemsOf(withDemands({ main: issuer }, { senderConstraint }))).toEqual([])
  })

  test('one issuer of several is enough, and two halves are not', () => {
    expect(problemsOf(withDemands({ one: 'none', two: 'any' }, { senderConstraint: 'any' }))).toEqual([])
    expect(problemsOf(withDemands({ one: 'none', two: 'dpop' }, { senderConstraint: 'any' }))).toEqual([
      refusal('any', 'one: none, two: dpop'),
    ])
    expect(problemsOf(withDemands({ one: 'none', two: 'none' }, { senderConstraint: 'bound' }))).toEqual([
      refusal('bound', 'one: none, two: none'),
    ])
  })

  test('of a route with an issuer that one alone counts', () => {
    const issuers = { one: 'none', two: 'any' } as const
    expect(problemsOf(withDemands(issuers, { issuer: 'two', senderConstraint: 'dpop' }))).toEqual([])
    expect(problemsOf(withDemands(issuers, { issuer: 'one', senderConstraint: 'dpop' }))).toEqual([
      refusal('dpop', 'one: none'),
    ])
  })
})

const REPLAY =
  'routes[0].replay: is about DPoP proofs, and the route accepts no token that is bound to a DPoP key; set senderConstraint of its issuer, or leave it out'

test.each<[taken: object, refused: object, issuers: Readonly<Record<string, Demand>>]>([
  [{ senderConstraint: 'dpop' }, { senderConstraint: 'none' }, { one: 'any' }],
  [{ issuer: 'two' }, { issuer: 'one' }, { one: 'none', two: 'any' }],
  [{ issuer: 'two' }, { issuer: 'one' }, { one: 'mtls', two: 'dpop' }],
])('replay stands on a route with %j, and not with %j', (taken, refused, issuers) => {
  expect(problemsOf(withDemands(issuers, { ...taken, replay: 'strong' }))).toEqual([])
  expect(problemsOf(withDemands(issuers, { ...refused, replay: 'strong' }))).toEqual([REPLAY])
  expect(problemsOf(withDemands(issuers, refused))).toEqual([])
})

test('replay needs an issuer with a sender constraint', () => {
  expect(problemsOf(withDemands({ main: 'none' }, { replay: 'strong' }))).toEqual([REPLAY])
  expect(problemsOf(withDemands({ main: 'mtls' }, { replay: 'strong' }))).toEqual([REPLAY])
  expect(problemsOf(withDemands({ main: 'any' }, { replay: 'strong' }))).toEqual([])
})

const RESOURCES = [{ identifier: 'https://api.example.com' }]
const PLAIN = withDemands({ main: 'none' }, {})
const BOUND = withDemands({ main: 'any' }, {})
const withoutUrls = ({ publicUrls: _, ...config }: LanekeeperConfig): LanekeeperConfig => config
const WITHOUT_URLS = withoutUrls(BOUND)
const ORIGIN = { url: 'https://origin.example' }

describe('the URLs that proofs name', () => {
  const MISSING =
    'publicUrls: is missing; a DPoP proof names the URL of its request, so list every URL under which clients know this API (for the Worker, resources do as well)'

  test.each<[refused: LanekeeperConfig, taken: LanekeeperConfig]>([
    [WITHOUT_URLS, BOUND],
    [WITHOUT_URLS, { ...WITHOUT_URLS, resources: RESOURCES }],
    [WITHOUT_URLS, withDemands({ main: undefined }, {})],
    [WITHOUT_URLS, withoutUrls(withDemands({ main: 'mtls' }, {}))],
  ])('are configured where bound tokens are accepted', (refused, taken) => {
    expect(problemsOf(refused)).toEqual([MISSING])
    expect(problemsOf(taken)).toEqual([])
  })

  test('are missing once, also where another problem hides them', () => {
    expect(problemsOf({ ...WITHOUT_URLS, publicUrls: ['api.example.com'] })).toEqual([
      'publicUrls[0]: is not an absolute URL',
    ])
  })

  const ONLY_PATHS =
    'publicUrls: has only URLs with a path, which are for API Gateway; add the origin of the Worker, as in "https://api.example.com"'

  test.each([BOUND, PLAIN])('have one without a path for the Worker', (config) => {
    const withUrls = (...publicUrls: readonly string[]) => ({ ...config, origin: ORIGIN, publicUrls })
    const paths = withUrls('https://api.example.com/production', 'https://gateway.example/v1/deep')
    expect(problemsOf(paths, { needsOrigin: true })).toEqual([ONLY_PATHS])
    expect(problemsOf(paths)).toEqual([])
    expect(
      problemsOf(withUrls('https://api.example.com/production', 'https://api.example.com'), {
        needsOrigin: true,
      }),
    ).toEqual([])
  })

  test.each<[string, Partial<LanekeeperConfig>]>([
    ['publicUrls', { publicUrls: ['${env:API_URL}'] }],
    ['resources', { resources: [{ identifier: '${env:API_URL}' }] }],
  ])('may be open in %s when the Worker is built', (_name, urls) => {
    const { open } = compileFor(CLOUDFLARE_EDGE, { ...WITHOUT_URLS, origin: ORIGIN, ...urls }, {}, true)
    expect(open.map(({ variable }) => variable)).toEqual(['API_URL'])
  })

  test('no sentence suggests a field of the request', () => {
    for (const text of [MISSING, ONLY_PATHS]) expect(text).not.toMatch(/\bhost\b|forwarded/i)
  })
})

test.each(['any', 'dpop', 'mtls', 'bound'] as const)('identity.claims has no sender beside %s', (demand) => {
  const claims = { sender: 'azp' }
  const config = withDemands({ main: demand }, {})
  expect(problemsOf({ ...config, identity: { claims } })).toEqual([
    'identity.claims.sender: is a name that the identity of a bound token has already',
  ])
  expect(problemsOf({ ...config, identity: { claims: { sent_by: 'azp' } } })).toEqual([])
  expect(problemsOf({ ...PLAIN, identity: { claims } })).toEqual([])
})

test.each(['any', 'dpop', 'mtls', 'bound'] as const)('userinfo is not asked beside %s', (demand) => {
  const userinfo = { claim: 'email', endpoint: 'https://login.example.com/userinfo' }
  const withUserinfo = (config: LanekeeperConfig): LanekeeperConfig => {
    const { main } = config.issuers
    return {
      ...config,
      issuers: { main: { ...main!, principal: { claim: 'email' }, userinfo } as IssuerConfig },
    }
  }
  expect(problemsOf(withUserinfo(PLAIN))).toEqual([])
  expect(problemsOf(withUserinfo(withDemands({ main: demand }, {})))).toEqual([
    'issuers.main.userinfo: cannot be asked about bound tokens, for which the endpoint wants a proof of the client; leave it out, or accept no bound token of this issuer',
  ])
})

test('without a sender constraint the configuration has nothing of it', () => {
  const { dpop, mtls, routes, issuers } = resolveConfig(PLAIN)
  expect(dpop).toBeNull()
  expect(mtls).toBeNull()
  expect([...issuers.values()][0]!.senderConstraint).toBe('none')
  expect(Object.keys(routes[0]!)).not.toEqual(expect.arrayContaining(['senderConstraint']))
  expect(Object.keys(routes[0]!)).not.toEqual(expect.arrayContaining(['replay']))
})

test('every problem is listed at once', () => {
  const { publicUrls: _urls, ...without } = withDemands({ main: 'dpop' }, { senderConstraint: 'any' })
  const problems = problemsOf({ ...without, identity: { claims: { sender: 'azp' } } })
  expect(problems.map((text) => text.split(':')[0])).toEqual([
    'routes[0].senderConstraint',
    'publicUrls',
    'identity.claims.sender',
  ])
})
