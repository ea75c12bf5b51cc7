// Either the configuration of a provider is enough to tell its access tokens from other tokens, or it is refused at
// start-up with the name of the missing setting. docs/providers.md.

import { describe, expect, test } from 'vitest'
import { ConfigError, resolveConfig, type LanekeeperConfig } from '../../../shared/index.ts'
import { findUnverifiedKind, KIND_ROWS } from '../../../shared/token/kind.ts'
import { NO_PROFILE, PROFILES, RENAMED_PROFILES } from '../../../shared/token/profiles.ts'

const TENANT = '11111111-2222-3333-4444-555555555555'
const JWKS = { jwks_uri: 'https://keys.example/jwks' }

const configWith = (issuer: object): LanekeeperConfig =>
  ({ issuers: { main: issuer }, routes: [{ path: '/', methods: ['GET'], scope: 'none' }] }) as never

function problemsOf(issuer: object): string[] {
  try {
    resolveConfig(configWith(issuer))
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.problems.map((problem) => `${problem.path.replace('issuers.main.', '')}: ${problem.message}`)
  }
}

const auth0 = {
  issuer: 'https://acme.auth0.com/',
  audience: 'https://api.example',
  profile: 'auth0-token-profile',
  keys: JWKS,
  scopes: { claim: 'permissions', shape: 'list' },
}
const okta = {
  issuer: 'https://acme.okta.com/oauth2/default',
  audience: 'api://x',
  profile: 'okta',
  keys: JWKS,
}
const entra = {
  issuer: `https://login.microsoftonline.com/${TENANT}/v2.0`,
  audience: 'api',
  profile: 'entra-v2',
  keys: { discovery: 'openid-configuration' },
}
const entraTenants = {
  ...entra,
  issuer: 'https://login.microsoftonline.com/{tenantid}/v2.0',
  tenants: [TENANT],
  keys: {
    discovery: 'openid-configuration',
    url: 'https://login.microsoftonline.com/organizations/v2.0/.well-known/openid-configuration',
  },
}
const entraV1Tenants = {
  ...entraTenants,
  profile: 'entra-v1',
  issuer: 'https://sts.windows.net/{tenantid}/',
  keyIssuer: 'https://login.microsoftonline.com/{tenantid}/v2.0',
}
const adfs = {
  issuer: 'http://sts.example/adfs/services/trust',
  audience: 'urn:api',
  profile: 'adfs',
  keys: {
    discovery: 'openid-configuration',
    url: 'https://sts.example/adfs/.well-known/openid-configuration',
    metadataIssuer: 'https://sts.example/adfs',
  },
}
const cognito = {
  issuer: 'https://cognito-idp.eu-west-1.amazonaws.com/p',
  profile: 'cognito',
  keys: JWKS,
  clients: ['c'],
}
const keycloak = {
  issuer: 'https://id.example/realms/a',
  audience: 'orders',
  profile: 'keycloak',
  keys: JWKS,
}
const described = {
  typ: ['JWT'],
  evidence: [{ claim: 'client_id' }, { claim: 'scope' }],
  scopes: { claim: 'scope', shape: 'string' },
  client: 'client_id',
}
const custom = { issuer: 'https://as.example', audience: 'api', profile: described, keys: JWKS }

/** Claims that a tenant, or its users, can set to the values of another user. */
const MUTABLE = [
  ...['email', 'mail', 'Email', 'emails', 'verified_primary_email', 'verified_secondary_email', 'upn'],
  ...['preferred_username', 'unique_name', 'username', 'name', 'nickname', 'login_hint', 'phone_number'],
  ...['onprem_sam_account_name', 'onprem_sid', 'employeeid', 'extn.employeeId', 'tid'],
]

test.each([
  ['auth0-token-profile', auth0],
  ['okta', okta],
  ['entra-v2', entra],
  ['entra-v2 with tenants', entraTenants],
  ['entra-v2 with tenants, users by sub', { ...entraTenants, principal: { claim: 'sub' } }],
  ['entra-v2 with tenants, users by oid', { ...entraTenants, principal: { claim: 'oid' } }],
  ['entra-v2 with one tenant, users by an employee id', { ...entra, principal: { claim: 'employeeid' } }],
  ['entra-v1 with tenants', entraV1Tenants],
  ['entra-v1 with tenants, keys of the public cloud', { ...entraV1Tenants, keyIssuer: undefined }],
  [
    'entra-v1 in another cloud',
    {
      ...entraV1Tenants,
      issuer: `https://sts.chinacloudapi.cn/${TENANT}/`,
      tenants: undefined,
      keyIssuer: 'https://login.partner.microsoftonline.cn/{tenantid}/v2.0',
    },
  ],
  ['adfs', adfs],
  ['cognito', cognito],
  ['cognito with a resource', { ...cognito, audience: 'https://api.example', clients: undefined }],
  ['keycloak', keycloak],
  ['keycloak by email', { ...keycloak, principal: { claim: 'email' } }],
  [
    'keycloak by role',
    { ...keycloak, scopes: { claim: ['resource_access', 'orders', 'roles'], shape: 'list' } },
  ],
  ['custom', custom],
])('%s as it should be', (_, issuer) => {
  expect(problemsOf(JSON.parse(JSON.stringify(issuer)))).toEqual([])
})

describe('refused at start-up, with the setting that is wrong or missing', () => {
  test.each<[string, object, string]>([
    [
      'nothing but aud tells them apart',
      { ...auth0, scopes: undefined },
      'scopes: must be picked for auth0-token-profile',
    ],
    [
      'scopes where the provider has none',
      { ...auth0, scopes: { claim: 'scp', shape: 'list' } },
      'scopes: is not where auth0-token-profile has scopes; one of: scope (string), permissions (list)',
    ],
    [
      'scopes in a shape that the provider does not use',
      { ...auth0, scopes: { claim: 'permissions', shape: 'string' } },
      'scopes: is not where auth0-token-profile has scopes',
    ],
    [
      'scopes of every client',
      { ...keycloak, scopes: { claim: ['resource_access', '*', 'roles'], shape: 'list' } },
      'scopes.claim: has a "*"',
    ],
    [
      'the serializer of a provider that is known',
      { ...keycloak, scopes: { claim: 'scope', shape: 'string', oneOrList: true } },
      'scopes.oneOrList: is not a setting; known here: claim, shape',
    ],
    [
      'scopes in two places',
      { ...keycloak, scopes: [{ claim: 'scope', shape: 'string' }] },
      'scopes: must be an object',
    ],
    [
      'an issuer without its slash',
      { ...auth0, issuer: 'https://acme.auth0.com' },
      'issuer: must end with /',
    ],
    [
      "Okta's org authorization server",
      { ...okta, issuer: 'https://acme.okta.com' },
      'issuer: must end with /oauth2/',
    ],
    ['no audience', { ...okta, audience: undefined }, 'audience: is missing'],
    [
      'no audience and no clients',
      { ...cognito, clients: undefined },
      'clients: is missing; tokens of cognito',
    ],
    ['an empty list of clients', { ...cognito, clients: [] }, 'clients: must be a list'],
    [
      "the audience of every client's tokens",
      { ...keycloak, audience: ['account'] },
      'audience: has "account"',
    ],
    [
      'Microsoft Graph',
      { ...entra, audience: 'https://graph.microsoft.com' },
      'audience: has "https://graph',
    ],
    [
      'everybody',
      { ...entra, issuer: 'https://login.microsoftonline.com/common/v2.0' },
      'issuer: cannot be common, which is no tenant',
    ],
    [
      'v1 as v2',
      { ...entra, issuer: `https://sts.windows.net/${TENANT}/` },
      'issuer: must end with /{tenantid}/v2.0',
    ],
    ['tenants without a list', { ...entraTenants, tenants: undefined }, 'tenants: is missing'],
    [
      'tenants with a prefix for opaque tokens',
      { ...entraTenants, prefix: 'x' },
      'prefix: does not go with tenants',
    ],
    ['tenants, none', { ...entraTenants, tenants: [] }, 'tenants: must be a list'],
    [
      'tenants, everybody',
      { ...entraTenants, tenants: ['organizations'] },
      'tenants: cannot be organizations',
    ],
    ['tenants, a pattern', { ...entraTenants, tenants: ['*'] }, 'tenants: has "*"'],
    ['tenants, a path', { ...entraTenants, tenants: ['a/b'] }, 'tenants: has "a/b"'],
    ['tenants of a single one', { ...entra, tenants: [TENANT] }, 'tenants: has no use'],
    ['tenants of another provider', { ...okta, tenants: [TENANT] }, 'tenants: is not for okta'],
    ['a placeholder', { ...custom, issuer: 'https://as.example/{tenantid}' }, 'issuer: has a placeholder'],
    [
      'metadata of a placeholder',
      { ...entraTenants, keys: entra.keys },
      'keys.url: is missing; where issuer',
    ],
    ...['https://sts.chinacloudapi.cn/{tenantid}/', `https://sts.chinacloudapi.cn/${TENANT}/`].map(
      (issuer): [string, object, string] => [
        `keys of v1 in another cloud, ${issuer}`,
        {
          ...entraV1Tenants,
          issuer,
          tenants: issuer.includes('{') ? [TENANT] : undefined,
          keyIssuer: undefined,
        },
        'keyIssuer: is missing; the keys of entra-v1',
      ],
    ),
    ['keys of v1, an empty issuer', { ...entraV1Tenants, keyIssuer: '' }, 'keyIssuer: must be a non-empty'],
    ['a key issuer elsewhere', { ...okta, keyIssuer: 'x' }, 'keyIssuer: is not for okta'],
    ...MUTABLE.map((claim): [string, object, string] => [
      `users of several tenants by ${claim}`,
      { ...entraTenants, principal: { claim } },
      `principal.claim: cannot be ${claim} with several tenants, any of which could name the users of another; one of: oid, sub`,
    ]),
    ['users by the client', { ...okta, principal: { claim: 'cid' } }, 'principal.claim: cannot be cid'],
    ['users by nothing', { ...entra, principal: {} }, 'principal.claim: is missing'],
    [
      'metadata of another issuer in the same place',
      { ...okta, keys: { discovery: 'openid-configuration', metadataIssuer: 'https://x.example' } },
      'keys.url: is missing; metadata of another issuer',
    ],
    [
      'metadata with a key set',
      { ...okta, keys: { ...JWKS, url: 'https://x.example' } },
      'keys.url: belongs to discovery',
    ],
    [
      'metadata by http',
      { ...adfs, keys: { ...adfs.keys, url: 'http://sts.example/x' } },
      'keys.url: must use https',
    ],
    [
      'metadata below an issuer with http',
      { ...adfs, keys: { discovery: 'openid-configuration' } },
      'keys.url: is missing; metadata below this issuer',
    ],
    ['an issuer with http, elsewhere', { ...custom, issuer: 'http://as.example' }, 'issuer: must use https'],
  ])('%s', (_, issuer, problem) => {
    expect(problemsOf(issuer).filter((text) => text.startsWith(problem))).toHaveLength(1)
  })

  test.each(Object.entries(NO_PROFILE))('%s, and why', (profile, why) => {
    expect(problemsOf({ ...okta, issuer: 'https://as.example', profile })).toEqual([
      `profile: cannot be ${profile}: ${why}`,
    ])
  })
})

describe('a provider that is described', () => {
  const problems = (change: object) => problemsOf({ ...custom, profile: { ...described, ...change } })

  const CLIENT = { claim: 'client_id' }
  const UNDECIDED = /^profile\.evidence: could match an ID token of the same issuer; add one of token_use, /

  test.each<[string, object[], string[]?]>([
    ['a claim that ID tokens have', [{ claim: 'azp' }]],
    ['one of them with a value', [{ claim: 'ver', value: '2' }]],
    ['many of them', [{ claim: 'azp' }, { claim: 'sid' }, { claim: 'groups' }]],
    ['an unknown claim', [{ claim: 'acme_app' }]],
    [
      'claims that nobody knows, with values',
      [
        { claim: 'a', value: 'access' },
        { claim: 'b', value: 'x' },
      ],
    ],
    ['the kind without its value', [{ claim: 'token_use' }]],
    ['the kind of an ID token', [{ claim: 'token_use', value: 'ID' }]],
    ['the kind of a refresh token', [{ claim: 'typ', value: 'Refresh' }]],
    ['the kind of an ID token of PingAM', [{ claim: 'tokenType', value: 'JWTToken' }]],
    ['an unknown kind', [{ claim: 'token_use', value: 'api' }]],
    ['the kind in the header', [{ header: 'token_use', value: 'access' }]],
    ['a header that every token has', [{ header: 'kid' }]],
    ['a header that any token may have', [{ header: 'x5t#S256' }]],
    ['an unknown header', [{ header: 'gen' }]],
    ['client_id and scope in the header', [{ header: 'client_id' }, { header: 'scope' }]],
    ['a claim of the ID tokens of Google', [{ claim: 'hd' }]],
    ['claims of the ID tokens of AD FS', [{ claim: 'appid' }, { claim: 'apptype' }]],
    ['more of them', [{ claim: 'appid' }, { claim: 'scp' }]],
    ['claims of the ID tokens of Entra', [{ claim: 'rh' }, { claim: 'aio' }]],
    ['a claim of the ID tokens of Okta', [{ claim: 'idp' }]],
    ['a claim of the ID tokens of PingFederate', [{ claim: 'pi.sri' }]],
    ['a claim of the ID tokens of GitLab', [{ claim: 'sub_legacy' }]],
    ['one claim of access tokens', [CLIENT], ['JWT']],
    ['the same one twice', [CLIENT, { claim: 'client_id', value: 'x' }], ['JWT']],
    ['one claim, and a typ that is optional', [CLIENT], ['at+jwt', '']],
    ['one claim, and one of two types', [CLIENT], ['at+jwt', 'JWT']],
    ['one claim, and a typ of its own', [CLIENT], ['acme+jwt']],
    ['typ a second time', [{ header: 'typ', value: 'at+jwt' }]],
  ])('by %s is refused, because ID tokens could match', (_, evidence, typ = ['at+jwt']) => {
    expect(problems({ evidence, typ })).toEqual([expect.stringMatching(UNDECIDED)])
  })

  test.each<[string, object[], string[]?]>([
    ['two claims of access tokens', [CLIENT, { claim: 'scope' }]],
    ['one of them, and the typ of RFC 9068', [CLIENT], ['application/at+jwt']],
    ['the kind with its value', [{ claim: 'token_use', value: 'access' }]],
    ['the kind as Keycloak spells it', [{ claim: 'typ', value: 'Bearer' }]],
    ['a header and a claim', [{ header: 'pi.atm' }, CLIENT]],
    ['those that decide among others that do not', [{ claim: 'azp' }, CLIENT, { claim: 'permissions' }]],
  ])('by %s is accepted', (_, evidence, typ = ['JWT']) => {
    expect(problems({ evidence, typ })).toEqual([])
  })

  test.each<[string, object[], string[]]>([
    ['two claims of access tokens', [CLIENT, { claim: 'scope' }], ['JWT']],
    ['one of them, and the typ of RFC 9068', [CLIENT], ['at+jwt']],
  ])('by %s may have no nonce', (_, evidence, typ) => {
    expect(problems({ evidence, typ, waived: ['nonce'] })).toEqual([
      'profile.waived: needs evidence that names the kind: token_use, typ, tokenName, purpose',
    ])
  })

  test.each(['token_use', 'typ', 'tokenName', 'purpose'])('by %s may have one', (claim) => {
    expect(problems({ evidence: [{ claim, value: 'access_token' }], waived: ['nonce'] })).toEqual([])
  })

  test.each([
    ...['sub', 'aud', 'iss', 'jti', 'sid', 'email', 'tid', 'scope', 'token_use', 'permissions'],
    'grants',
  ])('cannot have its client in %s', (client) => {
    const scopes = { claim: 'grants', shape: 'list' }
    expect(problems({ client, scopes })).toEqual([
      expect.stringMatching(new RegExp(`^profile\\.client: cannot be ${client}`)),
    ])
  })

  test.each(['client_id', 'azp', 'cid', 'appid', 'acme_app'])('may have its client in %s', (client) => {
    expect(problems({ client })).toEqual([])
  })

  test('cannot name users and clients by one claim', () => {
    expect(problemsOf({ ...custom, principal: { claim: 'client_id' } })).toEqual([
      'principal.claim: cannot be client_id, which names the client',
    ])
  })

  test.each<[object, string]>([
    [{ typ: undefined }, 'profile.typ: is missing'],
    [{ typ: [] }, 'profile.typ: must be a list'],
    [{ typ: 'JWT' }, 'profile.typ: must be a list'],
    [{ evidence: undefined }, 'profile.evidence: is missing'],
    [{ evidence: [] }, 'profile.evidence: must be a list'],
    [{ evidence: [{ claim: 'scope', header: 'x' }] }, 'profile.evidence[0]: must have exactly one of'],
    [{ evidence: [{ claim: 'scope', value: 1 }] }, 'profile.evidence[0].value: must be a non-empty string'],
    [{ evidence: [{ claim: 'scope', is: 'x' }] }, 'profile.evidence[0].is: is not a setting'],
    [{ scopes: undefined }, 'profile.scopes: is missing'],
    [{ scopes: { claim: 'scope' } }, 'profile.scopes.shape: is missing'],
    [{ scopes: { shape: 'list' } }, 'profile.scopes.claim: is missing'],
    [
      { scopes: { claim: 'role', shape: 'list', oneOrList: 'yes' } },
      'profile.scopes.oneOrList: must be true or false',
    ],
    [{ client: undefined }, 'profile.client: is missing'],
    [{ nonce: 'allowed' }, 'profile.nonce: is not a setting'],
    [{ waived: 'nonce' }, 'profile.waived: must be a list'],
    [{ waived: ['at_hash'] }, 'profile.waived: can have nothing but nonce'],
    [{ waived: ['nonce', 'typ id'] }, 'profile.waived: can have nothing but nonce'],
  ])('%j', (change, problem) => {
    expect(problems(change).filter((text) => text.startsWith(problem))).toHaveLength(1)
  })
})

/** The smallest header and claims with some evidence, from its text. */
function carrying(evidence: string) {
  const [name = '', value] = evidence.split(' ')
  if (evidence === 'iss = sub') return { header: {}, claims: { iss: 'x', sub: 'x' } }
  if (value === 'backchannel-logout')
    return { header: {}, claims: { events: { 'http://schemas.openid.net/event/backchannel-logout': {} } } }
  if (name === 'typ' && value!.includes('+')) return { header: { typ: value }, claims: {} }
  return { header: {}, claims: { [name]: value ?? 'x' } }
}

describe('a profile that had another name', () => {
  test.each(Object.entries(RENAMED_PROFILES))('%s means %s, with a warning', (old, name) => {
    const resolve = (profile: string) => resolveConfig(configWith({ ...auth0, profile }))
    const [before, now] = [resolve(old), resolve(name)]
    expect([...before.issuers.values()].map(({ profile }) => profile.name)).toEqual([name])
    expect(before.issuers).toEqual(now.issuers)
    expect(now.warnings).toEqual([])
    expect(before.warnings).toEqual([
      {
        path: 'issuers.main.profile',
        message: `${old} is called ${name} now; the old name goes away in 0.3.0`,
      },
    ])
  })

  test('auth0 is RFC 9068, and never the profile that Auth0 uses by default', () => {
    expect(RENAMED_PROFILES).toMatchObject({ auth0: 'auth0-rfc9068', 'auth0-legacy': 'auth0-token-profile' })
  })
})

describe('the table', () => {
  test.each(Object.entries(PROFILES))(
    '%s is named as it is listed, and waives only evidence of another kind',
    (name, profile) => {
      expect(profile.name).toBe(name)
      const known = KIND_ROWS.map(({ evidence }) => evidence)
      expect(profile.waived.filter((evidence) => !known.includes(evidence))).toEqual([])
      expect(profile.evidence.length).toBeGreaterThan(0)
    },
  )

  test('of two pieces of evidence the earlier one decides the kind, in whatever order the claims stand', () => {
    const marked = KIND_ROWS.map(({ kind, evidence }) => ({ kind, ...carrying(evidence) }))
    let pairs = 0
    for (const [at, first] of marked.entries())
      for (const second of marked.slice(at + 1)) {
        const header = { ...second.header, ...first.header }
        // One claim cannot have two values.
        if (Object.keys(first.claims).some((name) => name in second.claims)) continue
        if ('typ' in first.header && 'typ' in second.header) continue
        const either = [
          { ...first.claims, ...second.claims },
          { ...second.claims, ...first.claims },
        ]
        for (const claims of either)
          expect([first, second, findUnverifiedKind(header, claims)]).toEqual([first, second, first.kind])
        pairs++
      }
    expect(pairs).toBeGreaterThan(300)
    expect(findUnverifiedKind({ typ: 'at+jwt' }, { iss: 'i', sub: 's', token_use: 'access' })).toBeNull()
  })

  test('an issuer for each tenant, under one name', () => {
    const two = { ...entraTenants, tenants: [TENANT, 'b'] }
    const issuers = [...resolveConfig(configWith(two)).issuers]
    expect(issuers.map(([iss, { name, label, tenant }]) => [iss, name, label, tenant])).toEqual([
      [`https://login.microsoftonline.com/${TENANT}/v2.0`, 'main', `main/${TENANT}`, TENANT],
      ['https://login.microsoftonline.com/b/v2.0', 'main', 'main/b', 'b'],
    ])
  })
})
