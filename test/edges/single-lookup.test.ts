// workerd, too, sends one introspection request for each token. How many the core sends:
// test/shared/introspection/cached-lookup.test.ts.

import { expect, test } from 'vitest'
import { startCaseWorld } from '../support/case-world.ts'
import { openWorkerEdge } from './worker-edge.ts'

test('a thousand concurrent requests with a new token cause one introspection request', async () => {
  const world = await startCaseWorld()
  const edge = await openWorkerEdge(world.config, world.env)
  const json = { active: true, token_type: 'Bearer', sub: 'user-1', client_id: 'client-1', scope: 'read' }
  const token = world.opaque.issue('in_', { json: { ...json, aud: world.main.members().claims['aud'] } })
  const requests = Array.from({ length: 1_000 }, (_, number) => ({
    method: 'GET',
    target: `/orders?number=${number}`,
    fields: [['authorization', `Bearer ${token}`]] as const,
  }))
  try {
    const answers = await edge.sendAll(requests)
    expect(answers.filter(({ response }) => response.status === 200)).toHaveLength(1_000)
    expect(world.opaque.calls(token)).toBe(1)
  } finally {
    await edge.close()
    await world.close()
  }
})
