// The keys that one isolate stores in the Cache API for the next. Which keys may be stored:
// test/shared/keys/shared-key-cache.test.ts.

import { expect, test } from 'vitest'
import { generateKey, startTestIssuer } from '../support/test-issuer.ts'
import { until } from '../support/time.ts'
import { openWorkerEdge } from './worker-edge.ts'

const AUDIENCE = 'https://api.test.example'

test('a new isolate uses the keys that another one has stored in the Cache API', async () => {
  const issuer = await startTestIssuer({ audience: AUDIENCE, keys: [await generateKey('ES256', 'one')] })
  const keys = { jwks_uri: issuer.jwksUri }
  const edge = await openWorkerEdge({
    issuers: {
      main: { issuer: issuer.issuer, audience: AUDIENCE, profile: 'rfc9068', keys, algorithms: ['ES256'] },
    },
    routes: [{ path: '/', methods: ['GET'], scope: 'none' }],
  })
  const ask = async (cache: boolean) => {
    await edge.beginAt(Date.now(), cache)
    const fields = [['Authorization', `Bearer ${await issuer.token()}`]] as const
    const { response } = await edge.sendRaw({ method: 'GET', target: '/', fields })
    const events = await edge.takeEvents()
    return [response.status, events.map((event) => event.event === 'keys' && event.outcome).find(Boolean)]
  }
  try {
    expect(await ask(false)).toEqual([200, 'refreshed'])
    expect(await ask(true)).toEqual([200, 'refreshed'])
    // The set is stored after the answer was sent.
    await until(async () => (await ask(true))[1] === 'adopted')
    const before = issuer.fetches()
    expect(await ask(true)).toEqual([200, 'adopted'])
    expect(issuer.fetches()).toBe(before)
    expect(await ask(false)).toEqual([200, 'refreshed'])
    expect(issuer.fetches()).toBe(before + 1)
  } finally {
    await edge.close()
    await issuer.close()
  }
})
