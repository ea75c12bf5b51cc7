// How long a request waits for metadata and a key set: three seconds each, or `keys.timeoutSeconds`, and six seconds
// together. Real servers; time passes when the test says so.

import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { PublicKeySource } from '../../shared/index.ts'
import type { EdgeName } from '../cases/row.ts'
import { send, startRecordingIssuer } from '../support/recording-issuer.ts'
import { generateKey, startTestIssuer, type TestIssuer } from '../support/test-issuer.ts'
import { until } from '../support/time.ts'
import { EDGES } from './all-edges.ts'

const AUDIENCE = 'https://api.test.example'

let issuer: TestIssuer
let waiting: { readonly url: string | undefined; readonly response: ServerResponse }[]

beforeAll(async () => {
  issuer = await startTestIssuer({ audience: AUDIENCE, keys: [await generateKey('ES256', 'k')] })
  issuer.answerWith(({ url }, response) => void waiting.push({ url, response }))
})

beforeEach(() => {
  waiting = []
})

afterAll(() => issuer.close())

const DISCOVERY = { discovery: 'openid-configuration' } as const

/** How long each document takes, in milliseconds, and whether that is soon enough. */
const ROWS: readonly (readonly [string, Partial<PublicKeySource>, readonly number[], boolean])[] = [
  ['a key set after 2.9 s', {}, [2_900], true],
  ['a key set after 3 s', {}, [3_000], false],
  ['metadata and a key set after 2.9 s each', DISCOVERY, [2_900, 2_900], true],
  ['metadata after 2.9 s and a key set after 3 s', DISCOVERY, [2_900, 3_000], false],
  ['a key set after 4.9 s, for one who waits 5 s', { timeoutSeconds: 5 }, [4_900], true],
  ['a key set after 5 s, for one who waits 5 s', { timeoutSeconds: 5 }, [5_000], false],
  ['a key set after 0.2 s, for one who waits 0.1 s', { timeoutSeconds: 0.1 }, [200], false],
  [
    'metadata after 4.9 s and a key set after 1 s, for one who waits 5 s',
    { ...DISCOVERY, timeoutSeconds: 5 },
    [4_900, 1_000],
    true,
  ],
  [
    'metadata after 4.9 s and a key set after 1.1 s, for one who waits 5 s',
    { ...DISCOVERY, timeoutSeconds: 5 },
    [4_900, 1_100],
    false,
  ],
]

describe.each(['core', 'worker', 'rest REQUEST'] satisfies EdgeName[])('%s', (name) => {
  test.each(ROWS)('%s', async (_, keys, delays, isSoonEnough) => {
    const source = 'discovery' in keys ? keys : { jwks_uri: issuer.jwksUri, ...keys }
    const edge = await EDGES[name]({
      issuers: {
        main: {
          issuer: issuer.issuer,
          audience: AUDIENCE,
          profile: 'rfc9068',
          keys: source as PublicKeySource,
          algorithms: ['ES256'],
        },
      },
      routes: [{ path: '/orders', methods: ['GET'], scope: { allOf: ['read'] } }],
    })
    try {
      const authorization = [`Bearer ${await issuer.token()}`]
      const pending = edge.send({ method: 'GET', path: '/orders', authorization })
      for (const [index, delay] of delays.entries()) {
        await until(() => waiting.length > index)
        await edge.advance(delay)
        await edge.elapse(delay)
        // The server does not send the answer that would be too late, because workerd notices the end of the time a
        // little later.
        if (!isSoonEnough && index === delays.length - 1) break
        const { url, response } = waiting[index]!
        const metadata = { issuer: issuer.issuer, jwks_uri: issuer.jwksUri }
        const keySet = { keys: issuer.keys.map(({ publicJwk }) => publicJwk) }
        response.end(JSON.stringify(url === '/jwks' ? keySet : metadata))
      }
      expect(await pending).toMatchObject(
        isSoonEnough ? { allow: true } : { allow: false, code: 'keys_unavailable' },
      )
    } finally {
      for (const { response } of waiting) response.destroy()
      await edge.close()
    }
  })
})

test.each([
  ['2.9 s, for one who waits 3 s', { timeoutSeconds: 3 }, 2_900, 'access_token'],
  ['3 s, for one who waits 3 s', { timeoutSeconds: 3 }, 3_000, 'introspection_endpoint_unknown'],
  ['1.9 s', {}, 1_900, 'access_token'],
  ['2 s', {}, 2_000, 'introspection_endpoint_unknown'],
] as const)('metadata with the introspection endpoint, after %s', async (_, more, delay, code) => {
  const server = await startRecordingIssuer()
  const requested = Promise.withResolvers<void>()
  const answered = Promise.withResolvers<void>()
  server.answerWith(async (request, response, document) => {
    requested.resolve()
    if (request.url !== '/introspect') await answered.promise
    send(request, response, document)
  })
  const introspection = {
    discovery: 'openid-configuration',
    authentication: 'client_secret_basic',
    clientId: 'us',
    secret: { env: 'OUR_SECRET' },
    ...more,
  } as const
  const issuer = { ...server.config.issuers['told'], issuer: server.url, introspection } as never
  const edge = await EDGES.core({ ...server.config, issuers: { issuer } }, server.env)
  try {
    const authorization = [`Bearer ${await server.token('introspection')}`]
    const pending = edge.send({ method: 'GET', path: '/orders', authorization })
    await requested.promise
    await edge.elapse(delay)
    answered.resolve()
    expect((await pending).code).toBe(code)
  } finally {
    await edge.close()
    await server.close()
  }
})
