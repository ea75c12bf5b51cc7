// The principal of an opaque token if the introspection answer lacks members: a user, a client, or neither. Every row
// that passes has a twin that does not. The network is a table of answers.

import { expect, test } from 'vitest'
import { createAuthorizer, type LanekeeperConfig } from '../../../shared/index.ts'

const NOW = Date.now()
const OURS = 'https://login.example'

const introspected = (more: object = {}, settings: object = {}) => ({
  issuer: OURS,
  audience: 'api',
  introspection: {
    ...('discovery' in settings ? {} : { endpoint: `${OURS}/introspect` }),
    authentication: 'bearer',
    secret: { env: 'OURS' },
    ...settings,
  },
  ...more,
})

const checked = (provider: string, more: object = {}) => ({
  check: {
    provider,
    clientId: 'app',
    ...(['github', 'facebook'].includes(provider) ? { secret: { env: 'OURS' } } : {}),
  },
  ...more,
})

const MEMBERS = { active: true, token_type: 'Bearer', aud: 'api', client_id: 'web', scope: 'read' }
const GOOGLE = { aud: 'app', azp: 'app', scope: 'read', exp: String(Math.floor(NOW / 1000) + 600) }
const FACEBOOK = { is_valid: true, type: 'USER', app_id: 'app', scopes: ['read'] }
const GITHUB = { app: { client_id: 'app' }, scopes: ['read'] }
const GITLAB = { application: { uid: 'app' }, scope: ['read'], resource_owner_id: null }
const CLIENTS = { withoutSub: 'client' }
const EMAIL = { principal: { claim: 'email' } }
const USERINFO = { userinfo: { endpoint: `${OURS}/me`, claim: 'email' }, ...EMAIL }
const ADA = { sub: 'ada', email: 'ada@acme.example' }

function create(issuers: object, answer: (url: string) => object, route: object = {}) {
  const urls: string[] = []
  let down = false
  let now = NOW
  const authorizer = createAuthorizer(
    {
      issuers,
      routes: [{ path: '/', methods: ['GET'], scope: { allOf: ['read'] }, ...route }],
    } as LanekeeperConfig,
    {
      now: () => now,
      report: () => undefined,
      secrets: async () => 'secret',
      fetch: async (url) => {
        urls.push(url)
        if (down && url.includes('well-known')) throw new TypeError('down')
        return Response.json(answer(url))
      },
    },
    { env: { OURS: 'secret' } },
  )
  return {
    urls,
    ask: (token: string) =>
      authorizer.authorize({
        method: 'GET',
        path: '/',
        authorization: [`Bearer ${token}`],
        accessTokenInQuery: false,
      }),
    breakMetadata: () => void (down = true),
    pass: (ms: number) => void (now += ms),
  }
}

const rows: [string, object, object, object, string][] = [
  ['unknown: no sub, and no setting says what that means', introspected(), MEMBERS, {}, 'claim_missing'],
  ['a client, where that is what it means', introspected({}, CLIENTS), MEMBERS, {}, 'client web'],
  ['a user without sub', introspected({}, CLIENTS), { ...MEMBERS, username: 'ada' }, {}, 'claim_missing'],
  [
    'a user without sub, by the claim that identifies users',
    introspected(EMAIL),
    { ...MEMBERS, email: ADA.email, email_verified: true },
    {},
    'user ada@acme.example',
  ],
  ['a client where users have such a claim', introspected(EMAIL, CLIENTS), MEMBERS, {}, 'client web'],
  ['a user of Google', checked('google'), { ...GOOGLE, sub: '1' }, {}, 'user 1'],
  ['one who is not named', checked('google'), GOOGLE, {}, 'claim_missing'],
  ['a user of Facebook', checked('facebook'), { data: { ...FACEBOOK, user_id: '1' } }, {}, 'user 1'],
  ['one who is not named', checked('facebook'), { data: FACEBOOK }, {}, 'claim_missing'],
  ['a user of GitHub', checked('github'), { ...GITHUB, user: { id: 1 } }, {}, 'user 1'],
  ['one who is not named', checked('github'), { ...GITHUB, user: null }, {}, 'claim_missing'],
  ['an application of GitLab', checked('gitlab'), GITLAB, {}, 'client app'],
  [
    'a token of GitLab that does not say whose it is',
    checked('gitlab'),
    { ...GITLAB, resource_owner_id: undefined },
    {},
    'introspection_malformed',
  ],
  [
    'an address that Google has verified',
    checked('google', EMAIL),
    { ...GOOGLE, ...ADA, email_verified: 'true' },
    {},
    'user ada@acme.example',
  ],
  [
    'one that it has not',
    checked('google', EMAIL),
    { ...GOOGLE, ...ADA, email_verified: 'false' },
    {},
    'email_unverified',
  ],
  [
    'an address that userinfo calls verified',
    introspected(USERINFO),
    { ...MEMBERS, sub: 'ada' },
    { ...ADA, email_verified: true },
    'user ada@acme.example',
  ],
  [
    'one that it does not, whatever the token says of another',
    introspected(USERINFO),
    { ...MEMBERS, sub: 'ada', email_verified: true },
    ADA,
    'email_unverified',
  ],
  [
    'an address that is no text',
    introspected(USERINFO),
    { ...MEMBERS, sub: 'ada' },
    { ...ADA, email: ['ada@acme.example'] },
    'userinfo_unavailable',
  ],
  [
    'an address in the answer that is no text',
    introspected(EMAIL),
    { ...MEMBERS, sub: 'ada', email: [ADA.email], email_verified: true },
    {},
    'introspection_malformed',
  ],
  [
    'a user who is a number',
    introspected({ principal: { claim: 'uid' } }),
    { ...MEMBERS, sub: 'ada', uid: 7 },
    {},
    'user 7',
  ],
  ['unknown, whatever userinfo would say', introspected(USERINFO), MEMBERS, ADA, 'identity_missing'],
  [
    'a client, of whom userinfo is not asked',
    introspected(USERINFO, CLIENTS),
    MEMBERS,
    { sub: 'web', email: 'web@acme.example', email_verified: true },
    'identity_missing',
  ],
  ['a refresh token', introspected(), { ...MEMBERS, sub: 'ada', token_use: 'RT' }, {}, 'refresh_token'],
]

test.each(rows)('%s', async (_, issuer, introspection, userinfo, expected) => {
  const { ask } = create({ issuer }, (url) => (url.endsWith('/me') ? userinfo : introspection))
  const decision = await ask('opaque')
  const principal = decision.allow ? decision.grant!.principal : null
  expect(principal === null ? 'code' in decision && decision.code : `${principal.kind} ${principal.id}`).toBe(
    expected,
  )
})

test.each(['scope', 'client_id'])('userinfo cannot say %s', (claim) => {
  const issuer = introspected({ userinfo: { endpoint: `${OURS}/me`, claim } })
  expect(() => create({ issuer }, () => MEMBERS)).toThrow(`issuers.issuer.userinfo.claim: cannot be ${claim}`)
})

test('a token with the prefix of one issuer is not sent to another, whatever the route', async () => {
  const other = {
    ...introspected({}, { endpoint: 'https://other.example/ask' }),
    issuer: 'https://other.example',
  }
  const issuers = { ours: introspected({ prefix: 'ours_' }), other }
  const { ask, urls } = create(issuers, () => ({ ...MEMBERS, sub: 'ada' }), { issuer: 'other' })
  expect(await ask('ours_1')).toMatchObject({ code: 'issuer_not_allowed' })
  expect(urls).toEqual([])
  expect(await ask('1')).toMatchObject({ allow: true })
})

test('unavailable metadata is not fetched for every request', async () => {
  const metadata = { issuer: OURS, introspection_endpoint: `${OURS}/introspect` }
  const issuer = introspected({}, { discovery: 'openid-configuration' })
  const { ask, urls, breakMetadata, pass } = create({ issuer }, (url) =>
    url.includes('well-known') ? metadata : { ...MEMBERS, sub: 'ada' },
  )
  const fetches = () => urls.filter((url) => url.includes('well-known')).length
  expect([(await ask('0')).allow, fetches()]).toEqual([true, 1])
  breakMetadata()
  pass(11 * 60_000)
  for (const token of ['1', '2', '3']) expect(await ask(token)).toMatchObject({ allow: true })
  expect(fetches()).toBe(2)
  pass(1_000)
  expect(await ask('4')).toMatchObject({ allow: true })
  expect(fetches()).toBe(3)
  pass(60 * 60_000)
  expect(await ask('5')).toMatchObject({ code: 'introspection_endpoint_unknown' })
})
