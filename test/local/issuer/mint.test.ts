// Local tokens of every profile, as the verifier reads them: a good one is allowed, and each wrong way is refused with
// the code that its name promises.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { deriveStage } from '../../../local/dev/derive-stage.ts'
import { createLocalKeys, type LocalKeys } from '../../../local/issuer/keys.ts'
import { startLocalIssuer, type LocalIssuer, type MintRequest } from '../../../local/issuer/local-issuer.ts'
import { WRONG_WAY_NAMES, WRONG_WAYS } from '../../../local/issuer/wrong-ways.ts'
import {
  createAuthorizer,
  resolveConfig,
  type IssuerConfig,
  type ReportEvent,
} from '../../../shared/index.ts'
import { PROFILES } from '../../../shared/token/profiles.ts'
import { PROFILE_ISSUERS, TENANTED } from '../../support/local-issuers.ts'

const SECRET = 'of-this-run'

let keys: LocalKeys
let issuer: LocalIssuer

beforeAll(async () => {
  keys = createLocalKeys(() => 'base64url')
  issuer = await startLocalIssuer({ port: 0, secret: SECRET, keys, now: Date.now })
})

afterAll(() => issuer.close())

/** What the authorizer of the stage `local` says about tokens of the local issuer. */
function authorizeWith(...given: readonly IssuerConfig[]) {
  const config = {
    issuers: Object.fromEntries(given.map((one, index) => [index === 0 ? 'main' : `more-${index}`, one])),
    routes: [{ path: '/orders', methods: ['GET'], scope: { allOf: ['read'] } }],
  }
  const addresses = { issuer: issuer.url, origin: 'http://127.0.0.1:1', isOriginNamed: false }
  const { config: staged, foreign, sharedSecrets } = deriveStage(config, {}, addresses)
  const shared = [...sharedSecrets].map(([name, variable]) => [variable, keys.sharedSecret(name)])
  const env: Record<string, string> = {
    SECRET: 'a-secret',
    LANEKEEPER_LOCAL_MAIN_TOKEN: 'a-token',
    ...Object.fromEntries(shared),
  }
  const environment = { stage: 'local', env }
  issuer.update({ config: resolveConfig(staged, environment), foreign })
  const secrets = async ({ env: name }: { readonly env?: string }) => env[name ?? '']
  const codes: string[] = []
  const report = (event: ReportEvent) => void (event.event === 'decision' && codes.push(event.code))
  const authorizer = createAuthorizer(staged, { fetch, now: Date.now, report, secrets }, environment)
  return async (request: MintRequest = {}) => {
    const { token, refusedWith } = await issuer.mint(request)
    const authorization = [`Bearer ${token}`]
    await authorizer.authorize({
      ...{ method: 'GET', path: '/orders', authorization, accessTokenInQuery: false },
    })
    return { code: codes.at(-1), refusedWith, token }
  }
}

test('there is an issuer of every profile', () => {
  expect(Object.keys(PROFILE_ISSUERS)).toEqual(Object.keys(PROFILES))
})

describe.each(Object.keys(PROFILES))('a token of the profile %s', (name) => {
  test('is allowed, and refused where one thing is wrong', async () => {
    const ask = authorizeWith(PROFILE_ISSUERS[name]!)
    expect(await ask({ profile: name })).toMatchObject({ code: 'access_token', refusedWith: null })
    for (const wrong of WRONG_WAY_NAMES) {
      const { code, refusedWith } = await ask({ wrong })
      expect([wrong, code, refusedWith]).toEqual([wrong, WRONG_WAYS[wrong].code, WRONG_WAYS[wrong].code])
    }
    expect((await ask({ audience: ['https://other.example'] })).code).toBe('audience_mismatch')
    expect((await ask({ scopes: ['other'] })).code).toBe('insufficient_scope')
    expect((await ask({ claims: { iat: null } })).code).toBe('claim_missing')
  })
})

test('each tenant of an issuer has tokens, and the first one by default', async () => {
  const ask = authorizeWith(TENANTED)
  const second = await ask({ issuer: 'main/22222222-0000-4000-8000-000000000000' })
  expect([second.code, (await ask()).code]).toEqual(['access_token', 'access_token'])
  await expect(ask({ issuer: 'main/33333333-0000-4000-8000-000000000000' })).rejects.toThrow('No issuer')
})

test.each(['ES384', 'PS256', 'EdDSA'] as const)(
  'the algorithm %s of the configuration is kept',
  async (algorithm) => {
    const ask = authorizeWith({ ...PROFILE_ISSUERS['rfc9068']!, algorithms: [algorithm] } as IssuerConfig)
    const { code, token } = await ask()
    const header = JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()) as { alg: string }
    expect([code, header.alg]).toEqual(['access_token', algorithm])
    expect((await ask({ wrong: 'wrong-key' })).code).toBe('signature_invalid')
  },
)

test('an issuer with a shared secret signs with one of this run', async () => {
  const ask = authorizeWith({
    ...PROFILE_ISSUERS['rfc9068']!,
    keys: { secret: { env: 'SHARED' } },
    algorithms: ['HS512'],
  } as IssuerConfig)
  expect((await ask()).code).toBe('access_token')
  expect((await ask({ wrong: 'wrong-key' })).code).toBe('signature_invalid')
})

const INTROSPECTED = {
  issuer: 'https://opaque.example.com',
  audience: 'https://api.example.com',
  introspection: {
    endpoint: 'https://opaque.example.com/introspect',
    authentication: 'client_secret_basic',
    clientId: 'lanekeeper',
    secret: { env: 'SECRET' },
  },
} as const satisfies IssuerConfig

test('opaque tokens are introspected at the local issuer', async () => {
  const ask = authorizeWith(INTROSPECTED)
  const good = await ask()
  expect([good.code, good.token.includes('.')]).toEqual(['access_token', false])
  for (const wrong of WRONG_WAY_NAMES) {
    const code = WRONG_WAYS[wrong].introspected
    if (code === null) await expect(ask({ wrong })).rejects.toThrow(`--${wrong}`)
    else expect([wrong, (await ask({ wrong })).code]).toEqual([wrong, code])
  }
  expect((await ask({ audience: ['https://other.example'] })).code).toBe('audience_mismatch')
})

test('an issuer with both has JWTs, and opaque tokens where they are asked for', async () => {
  const ask = authorizeWith({
    ...PROFILE_ISSUERS['rfc9068']!,
    introspection: INTROSPECTED.introspection,
  } as IssuerConfig)
  const answers = [await ask(), await ask({ opaque: true })]
  expect(answers.map(({ code, token }) => [code, token.split('.').length])).toEqual([
    ['access_token', 3],
    ['access_token', 1],
  ])
  const jwtsOnly = authorizeWith(PROFILE_ISSUERS['rfc9068']!)
  await expect(jwtsOnly({ opaque: true })).rejects.toThrow('has no introspection')
})

test('signed introspection responses are signed with the key of this run', async () => {
  const introspection = { ...INTROSPECTED.introspection, response: 'jwt' as const }
  const ask = authorizeWith({ ...PROFILE_ISSUERS['rfc9068']!, introspection } as IssuerConfig)
  expect((await ask({ opaque: true })).code).toBe('access_token')
  expect((await ask({ opaque: true, wrong: 'expired' })).code).toBe('token_inactive')
})

test('a provider with its own check is answered for by the local issuer', async () => {
  const ask = authorizeWith({ check: { provider: 'gitlab', clientId: 'app-1' } })
  expect((await ask()).code).toBe('access_token')
  expect((await ask({ audience: ['app-2'] })).code).toBe('audience_mismatch')
})

test('a claim of the user that tokens lack is at the userinfo endpoint', async () => {
  const ask = authorizeWith({
    ...PROFILE_ISSUERS['rfc9068']!,
    principal: { claim: 'email' },
    userinfo: { discovery: 'openid-configuration', claim: 'email' },
  } as IssuerConfig)
  expect((await ask()).code).toBe('access_token')
})

test('of several issuers one has to be named, by its name or its profile', async () => {
  const ask = authorizeWith(PROFILE_ISSUERS['rfc9068']!, PROFILE_ISSUERS['okta']!)
  await expect(ask()).rejects.toThrow('choose one with --issuer: main (rfc9068), more-1 (okta)')
  expect((await ask({ profile: 'okta' })).code).toBe('access_token')
  await expect(ask({ profile: 'adfs' })).rejects.toThrow('fits --profile adfs')
})

test('whoever does not know the secret of the run gets no token', async () => {
  const ask = (authorization: string) =>
    fetch(`${issuer.url}/token`, { method: 'POST', headers: { authorization }, body: '{}' })
  authorizeWith(PROFILE_ISSUERS['rfc9068']!)
  expect((await ask(`Bearer ${SECRET}`)).status).toBe(200)
  for (const wrong of ['Bearer of-this-runs', 'Bearer of-this-ruN', ''])
    expect((await ask(wrong)).status).toBe(401)
})
