// Metadata at another URL than its issuer's, or with another issuer in it: the expected issuer is configured, and
// compared character by character. RFC 8414 section 3.3; AD FS and Entra ID have such metadata.

import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createAuthorizer, type IssuerConfig, type ReportEvent } from '../../../shared/index.ts'
import { adfs } from '../../cases/providers/microsoft.ts'
import {
  startProviderIssuers,
  TENANTS_AUDIENCE,
  type ProviderIssuers,
} from '../../support/provider-issuers.ts'
import { entraV2 } from '../../cases/providers/microsoft.ts'
import {
  generateKey,
  signCompact,
  startTestIssuer,
  type SigningKey,
  type TestIssuer,
} from '../../support/test-issuer.ts'

let key: SigningKey
let server: TestIssuer
let events: ReportEvent[]

beforeAll(async () => {
  key = await generateKey('RS256', 'one')
  server = await startTestIssuer({ audience: 'x', keys: [key] })
})

afterAll(() => server.close())

beforeEach(() => {
  events = []
  server.answerWith(null)
})

const request = (token: string) => ({
  method: 'GET',
  path: '/',
  authorization: [`Bearer ${token}`],
  accessTokenInQuery: false,
})

const create = (issuers: Record<string, IssuerConfig>) =>
  createAuthorizer(
    { issuers, routes: [{ path: '/', methods: ['GET'], scope: 'none' }] },
    { fetch, now: Date.now, report: (event) => void events.push(event) },
  )

describe('AD FS', () => {
  const iss = () => `${server.issuer}/adfs/services/trust`

  async function ask(document: object, metadataIssuer = `${server.issuer}/adfs`): Promise<string> {
    server.answerWith(
      (request: { url?: string | undefined }, response: ServerResponse) =>
        void response.end(JSON.stringify(request.url === '/jwks' ? { keys: [key.publicJwk] } : document)),
    )
    const authorizer = create({
      main: {
        ...adfs.config,
        issuer: iss(),
        keys: { discovery: 'openid-configuration', url: `${server.issuer}/metadata`, metadataIssuer },
      } as IssuerConfig,
    })
    const now = Math.floor(Date.now() / 1000)
    const claims = { ...adfs.access.claims, iss: iss(), iat: now, exp: now + 60 }
    const token = await signCompact(key, { alg: 'RS256', kid: 'one', ...adfs.access.header }, claims)
    const decision = await authorizer.authorize(request(token))
    return decision.allow ? 'allow' : `${decision.code} ${decision.detail?.['problem']}`
  }

  const metadata = (change: object = {}) => ({
    issuer: `${server.issuer}/adfs`,
    access_token_issuer: iss(),
    jwks_uri: server.jwksUri,
    ...change,
  })

  test('is accepted if it names itself and the issuer of access tokens', async () => {
    expect(await ask(metadata())).toBe('allow')
  })

  test.each<[string, () => object]>([
    ['another issuer', () => metadata({ issuer: `${server.issuer}/adfs/` })],
    ['the issuer of access tokens as its own', () => metadata({ issuer: iss() })],
    ['another issuer of access tokens', () => metadata({ access_token_issuer: `${iss()}/` })],
    ['no issuer of access tokens', () => metadata({ access_token_issuer: undefined })],
  ])('is refused if it names %s', async (_, document) => {
    expect(await ask(document())).toBe('keys_unavailable metadata_issuer')
  })
})

describe('several tenants', () => {
  let providers: ProviderIssuers

  beforeAll(async () => {
    providers = await startProviderIssuers()
  })

  afterAll(() => providers.close())

  const ask = async (authorizer: ReturnType<typeof create>, tenant: string): Promise<string> => {
    const claims = { iss: providers.tenants.issuerOf(tenant), tid: tenant, aud: TENANTS_AUDIENCE }
    const token = await providers.sign(entraV2, entraV2.access, {
      claims,
      key: providers.tenants.keys.everybody,
    })
    const decision = await authorizer.authorize(request(token))
    return decision.allow ? 'allow' : decision.code
  }

  test('share one fetch of metadata and keys, and one that is not listed causes none', async () => {
    const authorizer = create({ tenants: providers.configs['tenants']! })
    const [first, second] = providers.tenants.ids
    expect(await ask(authorizer, 'aaaaaaaa-0000-4000-8000-000000000003')).toBe('issuer_unknown')
    expect(await ask(authorizer, 'common')).toBe('issuer_unknown')
    expect(providers.fetches()).toBe(0)
    expect(await ask(authorizer, first)).toBe('allow')
    expect(await ask(authorizer, second)).toBe('allow')
    expect(providers.fetches()).toBe(2)
  })
})
