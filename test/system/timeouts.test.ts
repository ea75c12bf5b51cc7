// A key server that never answers, in real time: each runtime gives up by itself. In the other projects time stands
// still, and passes when the tests say so.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { EDGES } from '../edges/all-edges.ts'
import { AUDIENCE } from '../support/case-world.ts'
import { generateKey, startTestIssuer, type TestIssuer } from '../support/test-issuer.ts'

let issuer: TestIssuer

beforeAll(async () => {
  issuer = await startTestIssuer({ audience: AUDIENCE, keys: [await generateKey('ES256', 'k')] })
  issuer.answerWith(() => {})
})

afterAll(() => issuer.close())

test.concurrent.each(['core', 'worker', 'rest REQUEST'] as const)('%s', async (name) => {
  const edge = await EDGES[name]({
    issuers: {
      main: {
        issuer: issuer.issuer,
        audience: AUDIENCE,
        profile: 'rfc9068',
        keys: { jwks_uri: issuer.jwksUri },
        algorithms: ['ES256'],
      },
    },
    routes: [{ path: '/orders', methods: ['GET'], scope: { allOf: ['read'] } }],
  })
  try {
    const authorization = [`Bearer ${await issuer.token()}`]
    const outcome = await edge.send({ method: 'GET', path: '/orders', authorization })
    expect(outcome).toMatchObject({ allow: false, code: 'keys_unavailable' })
  } finally {
    await edge.close()
  }
})
