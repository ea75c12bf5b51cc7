// The challenges of an API that takes bound tokens, over a socket from the Worker in workerd, as the parser of
// oauth4webapi and the MCP SDK read them. RFC 9110 section 11.6.1, RFC 9449 sections 7.1, 7.2 and 9, RFC 9470, RFC 9728
// section 5.1.

import { extractWWWAuthenticateParams } from '@modelcontextprotocol/sdk/client/auth.js'
import * as oauth from 'oauth4webapi'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Field } from '../../cases/row.ts'
import { openWorkerEdge, type WorkerEdge } from '../../edges/worker-edge.ts'
import { createClientKey } from '../../support/dpop-proofs.ts'
import { BASE, HOST, startDpopWorld, type BoundRequest, type DpopWorld } from '../../support/dpop-world.ts'
import type { RawResponse } from '../../support/raw-http.ts'

const ALGS = 'ES256 EdDSA Ed25519 PS256 RS256'

let world: DpopWorld
let edge: WorkerEdge
let nonce: string

beforeAll(async () => {
  world = await startDpopWorld()
  edge = await openWorkerEdge(world.withNonces, world.env)
  nonce = (await ask('/orders', await world.boundFields('/orders'))).headers['dpop-nonce']!
}, 60_000)

afterAll(async () => {
  await edge.close()
  await world.close()
})

const ask = async (target: string, fields: readonly Field[]): Promise<RawResponse> =>
  (await edge.sendRaw({ method: 'GET', target, host: HOST, fields })).response

const toResponse = ({ status, headers, body }: RawResponse): Response =>
  new Response([204, 304].includes(status) ? null : body, { status, headers })

/** The challenges by scheme, in their order, as oauth4webapi reads them. */
async function challengesIn(response: RawResponse): Promise<[string, Record<string, string | undefined>][]> {
  const answer = { [oauth.customFetch]: async () => toResponse(response) }
  try {
    await oauth.protectedResourceRequest('t', 'GET', new URL(BASE), new Headers(), null, answer)
  } catch (error) {
    if (!(error instanceof oauth.WWWAuthenticateChallengeError)) throw error
    return error.cause.map(({ scheme, parameters }) => [scheme, { ...parameters }])
  }
  return []
}

const bearer = async (token: Promise<string>): Promise<Field[]> => [
  ['Authorization', `Bearer ${await token}`],
]
const dpop = async (token: Promise<string>): Promise<Field[]> => [['Authorization', `DPoP ${await token}`]]
const bound = (path: string, request: BoundRequest = {}) => world.boundFields(path, { nonce, ...request })
const unbound = () => world.issuer.token()

interface ChallengeRow {
  readonly fields: () => Promise<readonly Field[]>
  /** Default: /orders. */
  readonly target?: string
  readonly status: number
  /** The schemes in their order, each with its `error` or `undefined`. */
  readonly errors: readonly (readonly ['bearer' | 'dpop', string | undefined])[]
}

const BOTH = (ofBearer?: string, ofDpop?: string): ChallengeRow['errors'] => [
  ['bearer', ofBearer],
  ['dpop', ofDpop],
]
const none = async () => []

const ROWS: Readonly<Record<string, ChallengeRow>> = {
  'nothing sent, both accepted': { fields: none, status: 401, errors: BOTH() },
  'nothing sent, bound demanded': {
    fields: none,
    target: '/only',
    status: 401,
    errors: [['dpop', undefined]],
  },
  'nothing sent, bound tokens not taken': {
    fields: none,
    target: '/plain',
    status: 401,
    errors: [['bearer', undefined]],
  },
  'a proof for another path': {
    fields: () => bound('/write'),
    status: 401,
    errors: BOTH(undefined, 'invalid_dpop_proof'),
  },
  'no proof': {
    fields: () => dpop(world.boundToken()),
    status: 401,
    errors: BOTH(undefined, 'invalid_dpop_proof'),
  },
  'two proofs': {
    fields: async () => [...(await bound('/orders')), (await bound('/orders'))[1]!],
    status: 401,
    errors: BOTH(undefined, 'invalid_dpop_proof'),
  },
  'a proof of another key': {
    fields: () => bound('/orders', { key: createClientKey() }),
    status: 401,
    errors: BOTH(undefined, 'invalid_token'),
  },
  'an expired token': {
    fields: () => bound('/orders', { claims: { exp: 1_000 } }),
    status: 401,
    errors: BOTH(undefined, 'invalid_token'),
  },
  'an expired token as Bearer': {
    fields: () => bearer(world.issuer.token({ claims: { exp: 1_000 } })),
    status: 401,
    errors: BOTH('invalid_token'),
  },
  'a bound token as Bearer': {
    fields: () => bearer(world.boundToken()),
    status: 401,
    errors: BOTH('invalid_token'),
  },
  'a bound token as Bearer with a proof': {
    fields: async () => [...(await bearer(world.boundToken())), (await bound('/orders'))[1]!],
    status: 401,
    errors: BOTH('invalid_token'),
  },
  'a bound token as Bearer, bound demanded': {
    fields: () => bearer(world.boundToken()),
    target: '/only',
    status: 401,
    errors: BOTH('invalid_token'),
  },
  'an unbound token as DPoP': {
    fields: () => dpop(unbound()),
    status: 401,
    errors: BOTH(undefined, 'invalid_token'),
  },
  'an unbound token with a proof': {
    fields: async () => [...(await bearer(unbound())), ['DPoP', 'x']],
    status: 400,
    errors: BOTH('invalid_request'),
  },
  'an unbound token, bound demanded': {
    fields: () => bearer(unbound()),
    target: '/only',
    status: 401,
    errors: [['dpop', 'invalid_token']],
  },
  'no nonce': {
    fields: () => bound('/orders', { nonce: undefined }),
    status: 401,
    errors: [['dpop', 'use_dpop_nonce']],
  },
  'a scope is missing': {
    fields: () => bound('/write'),
    target: '/write',
    status: 403,
    errors: BOTH(undefined, 'insufficient_scope'),
  },
  'a scope is missing, as Bearer': {
    fields: () => bearer(unbound()),
    target: '/write',
    status: 403,
    errors: BOTH('insufficient_scope'),
  },
  'step-up': {
    fields: () => bound('/transfers'),
    target: '/transfers',
    status: 401,
    errors: BOTH(undefined, 'insufficient_user_authentication'),
  },
  'step-up, as Bearer': {
    fields: () => bearer(unbound()),
    target: '/transfers',
    status: 401,
    errors: BOTH('insufficient_user_authentication'),
  },
  'two credentials': {
    fields: async () => [...(await bearer(unbound())), ...(await bound('/orders'))],
    status: 400,
    errors: BOTH('invalid_request', 'invalid_request'),
  },
  'two credentials, bound demanded': {
    fields: async () => [...(await dpop(unbound())), ...(await bound('/only'))],
    target: '/only',
    status: 400,
    errors: [['dpop', 'invalid_request']],
  },
  'a token in the query': {
    fields: () => bound('/orders'),
    target: '/orders?access_token=x',
    status: 400,
    errors: BOTH(undefined, 'invalid_request'),
  },
  'another scheme': {
    fields: async () => [['Authorization', 'Basic eDp5']],
    status: 401,
    errors: BOTH(),
  },
  'a scheme that only begins like DPoP': {
    fields: async () => [['Authorization', 'DPoP2 abc']],
    status: 401,
    errors: BOTH(),
  },
  'DPoP alone': {
    fields: async () => [['Authorization', 'DPoP']],
    status: 401,
    errors: BOTH(undefined, 'invalid_token'),
  },
  'DPoP and a tab': {
    fields: async () => [['Authorization', 'DPoP\tabc']],
    status: 401,
    errors: BOTH(undefined, 'invalid_token'),
  },
  'DPoP and two words': {
    fields: async () => [['Authorization', 'DPoP a b']],
    status: 401,
    errors: BOTH(undefined, 'invalid_token'),
  },
  'DPoP where bound tokens are not taken': {
    fields: () => bound('/plain'),
    target: '/plain',
    status: 401,
    errors: [['bearer', undefined]],
  },
}

describe('each challenge has the error in the scheme that was used, and Bearer first', () => {
  test.each(Object.entries(ROWS))('%s', async (_, { fields, target = '/orders', status, errors }) => {
    const response = await ask(target, await fields())
    expect(response.status).toBe(status)
    const challenges = await challengesIn(response)
    expect(challenges.map(([scheme, { error }]) => [scheme, error])).toEqual(errors)
    for (const [scheme, { algs }] of challenges) expect(algs).toBe(scheme === 'dpop' ? ALGS : undefined)
  })
})

test('the scheme is read in any case and with any number of spaces', async () => {
  for (const scheme of ['DPoP', 'dpop', 'DPOP', 'dPoP  ']) {
    const [[, value], proof] = (await bound('/orders')) as [Field, Field]
    const written: Field = ['Authorization', value.replace('DPoP', scheme)]
    expect((await ask('/orders', [written, proof])).status, scheme).toBe(200)
  }
})

test('the challenges say realm, scopes, authentication and metadata', async () => {
  const metadata = `${BASE}/.well-known/oauth-protected-resource/mixed`
  const common = { scope: 'read', resource_metadata: metadata }
  expect(await challengesIn(await ask('/mixed', []))).toEqual([
    ['bearer', { realm: 'api', ...common }],
    ['dpop', { ...common, algs: ALGS }],
  ])
  expect(await challengesIn(await ask('/strict', []))).toEqual([
    [
      'dpop',
      { realm: 'api', scope: 'read', resource_metadata: metadata.replace('mixed', 'strict'), algs: ALGS },
    ],
  ])
  const [, stepUp] = await challengesIn(await ask('/transfers', await bound('/transfers')))
  expect(stepUp![1]).toMatchObject({ acr_values: 'mfa', max_age: '300' })
  const [, scope] = await challengesIn(await ask('/write', await bound('/write')))
  expect(scope![1]).toMatchObject({ scope: 'write', error_description: expect.any(String) })
})

describe('the MCP SDK', () => {
  const read = async (target: string, fields: readonly Field[]) =>
    extractWWWAuthenticateParams(toResponse(await ask(target, fields)))

  test('reads scope and metadata where nothing was sent', async () => {
    const { scope, resourceMetadataUrl, error } = await read('/mixed', [])
    expect([scope, resourceMetadataUrl?.pathname, error]).toEqual([
      'read',
      '/.well-known/oauth-protected-resource/mixed',
      undefined,
    ])
  })

  test('reads the error and the scope of a bound request that lacks one', async () => {
    expect(await read('/write', await bound('/write'))).toMatchObject({
      error: 'insufficient_scope',
      scope: 'write',
    })
  })
})

describe('clients of oauth4webapi', () => {
  /** Sends the requests of the library to the Worker. */
  const throughWorker = (seen: RawResponse[]) => ({
    [oauth.customFetch]: async (url: string, { method, headers }: { method: string; headers: object }) => {
      const fields = Object.entries(Object.fromEntries(new Headers(headers as never)))
      const { response } = await edge.sendRaw({ method, target: new URL(url).pathname, host: HOST, fields })
      seen.push(response)
      return toResponse(response)
    },
  })

  test('learn the nonce from the challenge and pass with it', async () => {
    const DPoP = oauth.DPoP({}, await oauth.generateKeyPair('ES256'))
    const token = await world.issuer.token({ claims: { cnf: { jkt: await DPoP.calculateThumbprint() } } })
    const seen: RawResponse[] = []
    const send = () =>
      oauth.protectedResourceRequest(token, 'GET', new URL(`${BASE}/orders`), new Headers(), null, {
        DPoP,
        ...(throughWorker(seen) as object),
      })
    const refused: unknown = await send().catch((error: unknown) => error)
    expect(oauth.isDPoPNonceError(refused)).toBe(true)
    // Older versions of the library, and clients of atproto, retry only if the field has this challenge alone.
    expect((refused as oauth.WWWAuthenticateChallengeError).cause).toHaveLength(1)
    expect(seen[0]!.headers['www-authenticate']).toMatch(/^DPoP .*error="use_dpop_nonce"/)
    expect((await send()).status).toBe(200)
    expect((await send()).status).toBe(200)
    expect(seen.map(({ status }) => status)).toEqual([401, 200, 200])
  })
})

describe('the metadata of a resource', () => {
  const documentOf = async (name: string) =>
    JSON.parse((await ask(`/.well-known/oauth-protected-resource/${name}`, [])).body) as object

  test('names the algorithms of proofs, and methods for Bearer tokens that it takes as well', async () => {
    const document = await documentOf('mixed')
    expect(document).toMatchObject({
      bearer_methods_supported: ['header'],
      dpop_signing_alg_values_supported: ALGS.split(' '),
    })
    expect(document).not.toHaveProperty('dpop_bound_access_tokens_required')
  })

  test('says that every token has to be bound, and that no method takes Bearer tokens', async () => {
    expect(await documentOf('strict')).toMatchObject({
      bearer_methods_supported: [],
      dpop_signing_alg_values_supported: ALGS.split(' '),
      dpop_bound_access_tokens_required: true,
    })
  })
})
