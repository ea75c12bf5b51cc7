// The whole request to an introspection endpoint, for each client authentication and each kind of response. The order
// of the members in the body is part of the test. RFC 7662 section 2.1; RFC 9701 section 4; RFC 6749 section 2.3.1; RFC
// 7523 section 2.2.

import { decodeJwt, exportJWK, generateKeyPair } from 'jose'
import { expect, test } from 'vitest'
import { createAuthorizer, type LanekeeperConfig } from '../../../shared/index.ts'
import { VERSION } from '../../../shared/platform/version.ts'

const ISSUER = 'https://as.example'
const ENDPOINT = `${ISSUER}/ask`
const CLIENT_ID = 'the api'
const SECRET = 's+s='
const TOKEN = 'at_x+y/z'
const KEY = await exportJWK((await generateKeyPair('ES256', { extractable: true })).privateKey)

type Authentication = 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt' | 'bearer'
type ResponseForm = 'json' | 'jwt'
type Member = readonly [name: string, value: unknown]

const config = (authentication: Authentication, response: ResponseForm): LanekeeperConfig => ({
  issuers: {
    main: {
      ...{ issuer: ISSUER, audience: 'api', profile: 'rfc9068', keys: { jwks_uri: `${ISSUER}/jwks` } },
      introspection: {
        ...{ endpoint: ENDPOINT, authentication, response },
        ...{ clientId: CLIENT_ID, secret: { env: 'SECRET' } },
      },
    },
  },
  routes: [{ path: '/', methods: ['GET'], scope: 'none' }],
})

/** Every request that one opaque token causes. */
async function requestsFor(authentication: Authentication, response: ResponseForm) {
  const sent: { url: string; init: RequestInit }[] = []
  const secret = authentication === 'private_key_jwt' ? JSON.stringify(KEY) : SECRET
  const authorizer = createAuthorizer(
    config(authentication, response),
    {
      now: Date.now,
      report: () => undefined,
      secrets: async () => secret,
      async fetch(url, init) {
        sent.push({ url, init })
        return Response.json({ active: false })
      },
    },
    { env: { SECRET: secret } },
  )
  const authorization = [`Bearer ${TOKEN}`]
  await authorizer.authorize({ method: 'GET', path: '/', authorization, accessTokenInQuery: false })
  return sent
}

const ACCEPT = { json: 'application/json', jwt: 'application/token-introspection+jwt' }

const BASIC = { authorization: `Basic ${btoa('the+api:s%2Bs%3D')}` }
const POST: readonly Member[] = [
  ['client_id', CLIENT_ID],
  ['client_secret', SECRET],
]
const ASSERTION: readonly Member[] = [
  ['client_id', CLIENT_ID],
  ['client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'],
  ['client_assertion', expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/)],
]

test.each<[Authentication, ResponseForm, Readonly<Record<string, string>>, readonly Member[]]>([
  ['client_secret_basic', 'json', BASIC, []],
  ['client_secret_basic', 'jwt', BASIC, []],
  ['client_secret_post', 'json', {}, POST],
  ['client_secret_post', 'jwt', {}, POST],
  ['private_key_jwt', 'json', {}, ASSERTION],
  ['private_key_jwt', 'jwt', {}, ASSERTION],
  ['bearer', 'json', { authorization: `Bearer ${SECRET}` }, []],
  ['bearer', 'jwt', { authorization: `Bearer ${SECRET}` }, []],
])('%s, response %s', async (authentication, response, credentials, members) => {
  const sent = await requestsFor(authentication, response)
  expect(sent).toEqual([
    {
      url: ENDPOINT,
      init: {
        method: 'POST',
        headers: {
          accept: ACCEPT[response],
          'content-type': 'application/x-www-form-urlencoded;charset=UTF-8',
          'accept-encoding': 'identity',
          'user-agent': `lanekeeper/${VERSION}`,
          ...credentials,
        },
        body: expect.any(URLSearchParams),
        cache: 'no-store',
        redirect: 'manual',
        signal: expect.any(AbortSignal),
      },
    },
  ])
  const form = [...(sent[0]!.init.body as URLSearchParams)]
  expect(form).toEqual([['token_type_hint', 'access_token'], ['token', TOKEN], ...members])
})

test('an assertion names the client and the issuer', async () => {
  const [request] = await requestsFor('private_key_jwt', 'json')
  const assertion = new URLSearchParams(String(request!.init.body)).get('client_assertion')
  expect(decodeJwt(assertion!)).toMatchObject({ iss: CLIENT_ID, sub: CLIENT_ID, aud: ISSUER })
})
