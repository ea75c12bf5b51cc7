// The providers' issuers for the case rows, on one real HTTP server: each has its own path, its own key, its own
// metadata and key set. It signs tokens in their shapes.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { IssuerConfig } from '../../shared/index.ts'
import { PROVIDER_SHAPES } from '../cases/providers/shapes.ts'
import type { ProviderShape, TokenShape } from '../cases/providers/shape.ts'
import { generateKey, signCompact, type Members, type SigningKey } from './test-issuer.ts'

export interface TokenChange {
  readonly header?: Members
  readonly claims?: Members
  readonly key?: SigningKey
}

/** Several tenants of one provider, behind one key set. */
export interface Tenants {
  readonly ids: readonly [string, string]
  issuerOf(tenant: string): string
  readonly keys: Readonly<Record<'everybody' | 'second' | 'unstated' | 'odd', SigningKey>>
}

/** Keys as Microsoft publishes them for v1 tokens, by the value of their `issuer`. */
export type StsKeys = Readonly<
  Record<'everybody' | 'first' | 'second' | 'consumers' | 'unstated' | 'v1' | 'usGov', SigningKey>
>

export interface ProviderIssuers {
  readonly stsKeys: StsKeys
  readonly url: string
  readonly configs: Readonly<Record<string, IssuerConfig>>
  readonly tenants: Tenants
  /** How many documents the server has served. */
  readonly fetches: () => number
  issuerOf(shape: ProviderShape): string
  keyOf(shape: ProviderShape): SigningKey
  sign(shape: ProviderShape, token: TokenShape, change?: TokenChange): Promise<string>
  close(): Promise<void>
}

const defined = (members: Members): Members =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))

const TENANT_IDS = ['aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000002'] as const
const TENANTS_PATH = '/tenants/{tenantid}/v2.0'
export const TENANTS_AUDIENCE = 'api://tenants'

/**
 * The tenant of the v1 issuer for one tenant, and those of the issuer for several. None of them states the issuer of
 * its keys.
 */
export const STS_TENANT = 'bbbbbbbb-0000-4000-8000-000000000001'
export const STS_TENANTS = [
  'bbbbbbbb-0000-4000-8000-000000000002',
  'bbbbbbbb-0000-4000-8000-000000000003',
] as const
const V2 = (tenant: string, host = 'login.microsoftonline.com') => `https://${host}/${tenant}/v2.0`
const STS_KEY_ISSUERS: Readonly<Record<keyof StsKeys, string | undefined>> = {
  everybody: V2('{tenantid}'),
  first: V2(STS_TENANT),
  second: V2(STS_TENANTS[0]),
  consumers: V2('9188040d-6c67-4c5b-b112-36a304b66dad'),
  unstated: undefined,
  v1: 'https://sts.windows.net/{tenantid}/',
  usGov: V2('{tenantid}', 'login.microsoftonline.us'),
}

export async function startProviderIssuers(): Promise<ProviderIssuers> {
  const documents = new Map<string, object>()
  let fetches = 0
  const server = createServer((request, response) => {
    fetches++
    const document = documents.get(request.url ?? '')
    response.writeHead(document === undefined ? 404 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(document ?? {}))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const keys = new Map<string, SigningKey>()
  const configs: Record<string, IssuerConfig> = {}
  for (const { id, path, idTokenPath, config } of PROVIDER_SHAPES) {
    const key = await generateKey('ES256', 'k')
    keys.set(id, key)
    documents.set(`/keys/${id}`, { keys: [key.publicJwk] })
    const metadata = `/metadata/${id}`
    documents.set(metadata, {
      issuer: `${url}${idTokenPath ?? path}`,
      jwks_uri: `${url}/keys/${id}`,
      ...(idTokenPath === undefined ? {} : { access_token_issuer: `${url}${path}` }),
    })
    configs[id] = {
      ...config,
      issuer: `${url}${path}`,
      algorithms: ['ES256'],
      keys:
        idTokenPath === undefined
          ? { jwks_uri: `${url}/keys/${id}` }
          : {
              discovery: 'openid-configuration',
              url: `${url}${metadata}`,
              metadataIssuer: `${url}${idTokenPath}`,
            },
    } as IssuerConfig
  }

  const [everybody, second, unstated, odd] = await Promise.all(
    ['everybody', 'second', 'unstated', 'odd'].map((kid) => generateKey('ES256', kid)),
  )
  const fill = (tenant: string) => `${url}${TENANTS_PATH.replace('{tenantid}', tenant)}`
  documents.set('/keys/tenants', {
    keys: [
      { ...everybody!.publicJwk, issuer: `${url}${TENANTS_PATH}` },
      { ...second!.publicJwk, issuer: fill(TENANT_IDS[1]) },
      unstated!.publicJwk,
      { ...odd!.publicJwk, issuer: [`${url}${TENANTS_PATH}`] },
    ],
  })
  documents.set('/metadata/tenants', { issuer: `${url}${TENANTS_PATH}`, jwks_uri: `${url}/keys/tenants` })
  configs['tenants'] = {
    issuer: `${url}${TENANTS_PATH}`,
    profile: 'entra-v2',
    audience: TENANTS_AUDIENCE,
    tenants: TENANT_IDS,
    keys: { discovery: 'openid-configuration', url: `${url}/metadata/tenants` },
    algorithms: ['ES256'],
  }

  const stsKeys = Object.fromEntries(
    await Promise.all(
      Object.keys(STS_KEY_ISSUERS).map(async (name) => [name, await generateKey('ES256', name)] as const),
    ),
  ) as Record<keyof StsKeys, SigningKey>
  documents.set('/keys/sts', {
    keys: Object.entries(STS_KEY_ISSUERS).map(([name, issuer]) => ({
      ...stsKeys[name as keyof StsKeys].publicJwk,
      ...(issuer === undefined ? {} : { issuer }),
    })),
  })
  const sts = {
    profile: 'entra-v1',
    audience: TENANTS_AUDIENCE,
    keys: { jwks_uri: `${url}/keys/sts` },
    algorithms: ['ES256'],
  } as const
  configs['sts'] = { ...sts, issuer: `https://sts.windows.net/${STS_TENANT}/` }
  // Without metadata, which would say what the `iss` of its ID tokens is.
  configs['adfs-keys'] = {
    issuer: 'http://sts.test.example/adfs/services/trust',
    audience: TENANTS_AUDIENCE,
    profile: 'adfs',
    keys: { jwks_uri: `${url}/keys/adfs` },
    algorithms: ['ES256'],
  }
  configs['one-tenant'] = { ...sts, profile: 'entra-v2', issuer: V2(STS_TENANT) }
  configs['sts-tenants'] = { ...sts, issuer: 'https://sts.windows.net/{tenantid}/', tenants: STS_TENANTS }

  return {
    url,
    configs,
    stsKeys,
    tenants: {
      ids: TENANT_IDS,
      issuerOf: fill,
      keys: { everybody: everybody!, second: second!, unstated: unstated!, odd: odd! },
    },
    fetches: () => fetches,
    issuerOf: (shape) => `${url}${shape.path}`,
    keyOf: (shape) => keys.get(shape.id)!,
    sign(shape, token, { header = {}, claims = {}, key = keys.get(shape.id)! } = {}) {
      const now = Math.floor(Date.now() / 1000)
      return signCompact(
        key,
        defined({ alg: key.algorithm, kid: key.kid, ...token.header, ...header }),
        defined({ iss: `${url}${shape.path}`, iat: now - 5, exp: now + 600, ...token.claims, ...claims }),
      )
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
