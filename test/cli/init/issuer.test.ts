// The issuer that init takes from metadata, by what was typed and what a server answers.

import { beforeAll, describe, expect, test } from 'vitest'
import type { Answers } from '../../../cli/init/answers.ts'
import { findIssuer, findIssuerProblem, offlineIssuer } from '../../../cli/init/issuer.ts'
import { findProvider, type Provider } from '../../../cli/init/providers.ts'
import { createCommandIo } from '../../support/command-io.ts'
import { generateKey, type SigningKey } from '../../support/test-issuer.ts'

let rsa: SigningKey
let elliptic: SigningKey

beforeAll(async () => {
  rsa = await generateKey('RS256', 'r')
  elliptic = await generateKey('ES256', 'e')
})

const answersFor = (provider: string, issuer: string): Answers => ({
  name: 'orders',
  provider: findProvider(provider) as Provider,
  issuer,
  audiences: ['a'],
  clients: [],
  routes: [],
  origin: null,
  aws: null,
  reportOnly: true,
})

type Served = Readonly<Record<string, object | string | (() => Response)>>

/** Asks a network that has these documents alone. `asked`: the URLs, in order. */
async function find(provider: string, issuer: string, served: Served) {
  const asked: string[] = []
  const { io } = createCommandIo({
    fetch: async (url, init) => {
      asked.push(url)
      expect(init.redirect).toBe('manual')
      const found = served[url]
      if (found === undefined) return new Response('not here', { status: 404 })
      return typeof found === 'function'
        ? found()
        : new Response(typeof found === 'string' ? found : JSON.stringify(found))
    },
  })
  return { found: await findIssuer(answersFor(provider, issuer), io), asked }
}

const KEYS = 'https://keys.example.com/jwks'

const WELL_KNOWN = '/.well-known/openid-configuration'

const document = (issuer: string, more: object = {}) => ({ issuer, jwks_uri: KEYS, ...more })

/** One key of RSA, as most providers publish it. */
const keys = () => ({ keys: [{ ...rsa.publicJwk, alg: 'RS256', use: 'sig' }] })

describe('the exact issuer', () => {
  test('of Auth0 has a slash, which the typed one lacks', async () => {
    const { found } = await find('auth0', 'https://acme.eu.auth0.com', {
      [`https://acme.eu.auth0.com${WELL_KNOWN}`]: document('https://acme.eu.auth0.com/'),
      [KEYS]: keys(),
    })
    expect(found).toEqual({
      issuer: 'https://acme.eu.auth0.com/',
      metadataUrl: `https://acme.eu.auth0.com${WELL_KNOWN}`,
      keys: { discovery: 'openid-configuration' },
      algorithms: ['RS256'],
      warnings: [
        expect.stringContaining('issuer is https://acme.eu.auth0.com/, and not https://acme.eu.auth0.com:'),
      ],
    })
  })

  test('as it was typed is confirmed without a warning, also by the address of its metadata', async () => {
    const served = {
      [`https://id.example.com/realms/acme${WELL_KNOWN}`]: document('https://id.example.com/realms/acme'),
      [KEYS]: keys(),
    }
    for (const typed of [
      'https://id.example.com/realms/acme',
      `https://id.example.com/realms/acme${WELL_KNOWN}`,
    ])
      expect((await find('keycloak', typed, served)).found).toMatchObject({
        issuer: 'https://id.example.com/realms/acme',
        warnings: [],
      })
  })

  const HOST = 'https://login.microsoftonline.com'
  const ID = '11111111-2222-3333-4444-555555555555'

  test('of an Entra tenant that was typed without /v2.0, or by its domain', async () => {
    const served = {
      [`${HOST}/${ID}/v2.0${WELL_KNOWN}`]: document(`${HOST}/${ID}/v2.0`),
      [`${HOST}/acme.example/v2.0${WELL_KNOWN}`]: document(`${HOST}/${ID}/v2.0`),
      [KEYS]: keys(),
    }
    for (const tenant of [`${HOST}/${ID}`, `${HOST}/${ID}/`, `${HOST}/acme.example/v2.0`]) {
      const { found } = await find('entra', tenant, served)
      expect(found).toMatchObject({
        issuer: `${HOST}/${ID}/v2.0`,
        keys: { discovery: 'openid-configuration' },
        algorithms: ['RS256'],
      })
      expect(found.keys.url).toBeUndefined()
    }
  })

  test('of v1 tokens of Entra is at another host, whose own metadata states it', async () => {
    const issuer = `https://sts.windows.net/${ID}/`
    const served = {
      [`${HOST}/${ID}${WELL_KNOWN}`]: document(issuer),
      [`https://sts.windows.net/${ID}${WELL_KNOWN}`]: document(issuer),
      [KEYS]: keys(),
    }
    const { found } = await find('entra-v1', `${HOST}/${ID}`, served)
    expect(found).toMatchObject({ issuer, warnings: [expect.stringContaining('another host')] })
  })

  test('of another host is not taken if only the first metadata states it', async () => {
    const { found } = await find('rfc9068', 'https://login.example.com', {
      [`https://login.example.com${WELL_KNOWN}`]: document('https://evil.example'),
      [KEYS]: keys(),
    })
    expect(found).toMatchObject({ issuer: 'https://login.example.com', metadataUrl: null })
    expect(found.warnings.join()).toContain('states another issuer, https://evil.example')
  })

  test('of a user flow of Azure AD B2C is at the same host, and its metadata is where it was typed', async () => {
    const typed = 'https://acme.b2clogin.com/acme.onmicrosoft.com/B2C_1_signin/v2.0/'
    const issuer = `https://acme.b2clogin.com/${ID}/v2.0/`
    const url = `https://acme.b2clogin.com/acme.onmicrosoft.com/B2C_1_signin/v2.0${WELL_KNOWN}`
    const { found } = await find('entra-b2c', typed, { [url]: document(issuer) })
    expect(found).toMatchObject({
      ...{ issuer, metadataUrl: url, algorithms: null },
      keys: { discovery: 'openid-configuration', url },
    })
  })

  test.each(['https://sts.example.com/adfs', 'https://sts.example.com/adfs/'])(
    'of AD FS is that of its access tokens (%s)',
    async (typed) => {
      const url = `https://sts.example.com/adfs${WELL_KNOWN}`
      const issuer = 'http://sts.example.com/adfs/services/trust'
      const served = {
        [url]: document('https://sts.example.com/adfs', { access_token_issuer: issuer }),
        [KEYS]: keys(),
      }
      const expected = {
        issuer,
        keys: {
          ...{ discovery: 'openid-configuration', url },
          metadataIssuer: 'https://sts.example.com/adfs',
        },
      }
      expect((await find('adfs', typed, served)).found).toMatchObject(expected)
      expect(offlineIssuer(answersFor('adfs', typed))).toMatchObject({ ...expected, metadataUrl: null })
    },
  )

  test('by the metadata of RFC 8414', async () => {
    const url = 'https://as.example.com/.well-known/oauth-authorization-server/o'
    const { found } = await find('rfc9068', 'https://as.example.com/o', {
      [url]: document('https://as.example.com/o'),
      [KEYS]: keys(),
    })
    expect(found).toMatchObject({ metadataUrl: url, keys: { discovery: 'oauth-authorization-server' } })
  })

  test('of a server on this machine', async () => {
    const issuer = 'http://127.0.0.1:9000'
    const served = {
      [`${issuer}${WELL_KNOWN}`]: { issuer, jwks_uri: `${issuer}/keys` },
      [`${issuer}/keys`]: keys(),
    }
    expect((await find('rfc9068', issuer, served)).found).toMatchObject({
      issuer,
      metadataUrl: `${issuer}${WELL_KNOWN}`,
    })
  })
})

describe('algorithms are those of the usable keys', () => {
  const served = (...published: object[]) => ({
    [`https://as.example.com${WELL_KNOWN}`]: document('https://as.example.com'),
    [KEYS]: { keys: published },
  })
  const algorithms = async (...published: object[]) =>
    (await find('rfc9068', 'https://as.example.com', served(...published))).found

  test('RS256 of an RSA key without alg, and what an elliptic curve is for', async () => {
    const { alg: _, ...without } = { alg: '', ...rsa.publicJwk }
    expect((await algorithms(without)).algorithms).toEqual(['RS256'])
    expect((await algorithms(without, elliptic.publicJwk)).algorithms).toEqual(['RS256', 'ES256'])
    expect((await algorithms(elliptic.publicJwk)).algorithms).toEqual(['ES256'])
  })

  test('as the key says', async () => {
    expect((await algorithms({ ...rsa.publicJwk, alg: 'PS256' })).algorithms).toEqual(['PS256'])
  })

  test('unknown where no key can be used', async () => {
    const { algorithms: found, warnings } = await algorithms({ ...rsa.publicJwk, use: 'enc' })
    expect(found).toBeNull()
    expect(warnings).toEqual([expect.stringContaining('No key of the issuer can be used')])
  })
})

describe('what was typed stays, unconfirmed', () => {
  const AT = `https://as.example.com${WELL_KNOWN}`
  test.each<[string, Served, string]>([
    ['nothing there', {}, `${AT}: status (status 404)`],
    [
      'a redirect',
      { [AT]: () => new Response(null, { status: 302, headers: { location: 'https://evil.example' } }) },
      'redirect (status 302)',
    ],
    ['no JSON', { [AT]: '<html>' }, 'malformed'],
    [
      'a member twice',
      { [AT]: '{"issuer":"https://as.example.com","issuer":"https://evil.example"}' },
      'malformed',
    ],
    ['too much', { [AT]: `{"issuer":"${'x'.repeat(300_000)}"}` }, 'too_large'],
    ['no issuer', { [AT]: { jwks_uri: KEYS } }, 'metadata_issuer'],
    ['a password', { [AT]: document('https://u:p@as.example.com') }, 'not in the form of one'],
    ['a query', { [AT]: document('https://as.example.com?a') }, 'not in the form of one'],
    ['a variable', { [AT]: document('https://as.example.com/${env:SECRET}') }, 'not in the form of one'],
    ['a quote', { [AT]: document('https://as.example.com"\n') }, 'not in the form of one'],
    ['every tenant', { [AT]: document('https://as.example.com/{tenantid}/v2.0') }, 'name your own tenant'],
    ['this machine', { [AT]: document('http://127.0.0.1:9') }, 'its issuer has no https'],
    ['http', { [AT]: document('http://as.example.com') }, 'its issuer has no https'],
    [
      'keys without https',
      { [AT]: { ...document('https://as.example.com'), jwks_uri: 'http://x' } },
      'metadata_jwks_uri',
    ],
  ])('%s', async (_, served, reason) => {
    const { found, asked } = await find('rfc9068', 'https://as.example.com', served)
    expect(found).toMatchObject({
      ...{ issuer: 'https://as.example.com', metadataUrl: null, algorithms: null },
      keys: { discovery: 'openid-configuration' },
      warnings: [expect.stringContaining(reason)],
    })
    expect(found.warnings.join()).toContain('unconfirmed')
    expect(asked.every((url) => url === KEYS || url.startsWith('https://as.example.com/'))).toBe(true)
  })

  const TENANT = '11111111-2222-3333-4444-555555555555'
  test.each([
    ['auth0', 'https://acme.eu.auth0.com', 'https://acme.eu.auth0.com/'],
    ['auth0', 'https://acme.eu.auth0.com/', 'https://acme.eu.auth0.com/'],
    ['entra', `https://login.example.com/${TENANT}`, `https://login.example.com/${TENANT}/v2.0`],
    ['entra', `https://login.example.com/${TENANT}/v2.0/`, `https://login.example.com/${TENANT}/v2.0`],
    ['entra-v1', `https://sts.windows.net/${TENANT}`, `https://sts.windows.net/${TENANT}/`],
    ['entra-b2c', `https://acme.example.com/${TENANT}/v2.0`, `https://acme.example.com/${TENANT}/v2.0/`],
    ['pingone', `https://auth.example.com/${TENANT}`, `https://auth.example.com/${TENANT}/as`],
    ['keycloak', 'https://id.example.com/realms/acme/', 'https://id.example.com/realms/acme/'],
    ['okta', 'https://acme.example.com/oauth2/default', 'https://acme.example.com/oauth2/default'],
  ])('with the ending of every iss of %s: %s', async (provider, typed, issuer) => {
    expect(offlineIssuer(answersFor(provider, typed))).toMatchObject({ issuer, metadataUrl: null })
    expect((await find(provider, typed, {})).found).toMatchObject({ issuer, metadataUrl: null })
  })

  test('also where the network fails', async () => {
    const { io } = createCommandIo({ fetch: () => Promise.reject(new TypeError('a secret of the network')) })
    const { warnings, metadataUrl } = await findIssuer(answersFor('rfc9068', 'https://as.example.com'), io)
    expect(metadataUrl).toBeNull()
    expect(warnings).toEqual([expect.stringContaining('no_answer')])
    expect(warnings.join()).not.toContain('secret')
  })
})

test.each([
  ['https://login.example.com/a', null],
  ['http://localhost:9000', null],
  ['login.example.com', 'is a URL, as in https://login.example.com'],
  ['http://login.example.com', 'begins with https:// (http only for this machine)'],
  ['file:///etc/passwd', 'begins with https:// (http only for this machine)'],
  ['https://login.example.com?a=b', 'has no query, no fragment and no password'],
  ['https://u:p@login.example.com', 'has no query, no fragment and no password'],
  ['https://login.example.com/${env:X}', 'has a character that no issuer has'],
  ["https://login.example.com/'\n", 'has a character that no issuer has'],
])('%s as it is typed', (typed, problem) => {
  expect(findIssuerProblem(typed)).toBe(problem)
})
