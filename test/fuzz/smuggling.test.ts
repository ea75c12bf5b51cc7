// A thousand requests with identity headers made by the client: none reaches the origin. The same property finds a
// violation at once if the Worker removes another prefix. Ten thousand with other seeds: npm run fuzz.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWorkerEdge } from '../edges/worker-edge.ts'
import { createFuzzFixture, type FuzzFixture } from './fixture.ts'
import { identityFields } from './properties/identity-fields.ts'
import { runProperty } from './run-property.ts'
import { SEED } from './seed.ts'

let fixture: FuzzFixture

beforeAll(async () => {
  fixture = await createFuzzFixture()
})

afterAll(() => fixture.close())

test(`in 1,000 tries no identity header of the client reaches the origin (seed ${SEED})`, async () => {
  const outcome = await runProperty(identityFields, fixture, { runs: 1_000, seed: SEED })
  expect(outcome.failure).toBeNull()
  expect(outcome.seen['allow']).toBeGreaterThan(100)
})

test('a Worker that strips another prefix is found out', async () => {
  const { origin: _, ...config } = fixture.config
  const careless = await openWorkerEdge({ ...config, identity: { headerPrefix: 'x-other-' } })
  try {
    const broken = { ...fixture, wire: async () => careless }
    const { failure } = await runProperty(identityFields, broken, {
      runs: 200,
      seed: SEED,
      endOnFailure: true,
    })
    expect(failure?.why).toBe('the origin gets an identity header of the client')
  } finally {
    await careless.close()
  }
})
