// Request lines and fields that only a socket can send, to the Worker in workerd in front of a real origin.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openWorkerEdge, type WorkerEdge } from '../edges/worker-edge.ts'
import { findLeaks } from '../support/leaks.ts'
import { startCaseWorld, type CaseWorld } from '../support/case-world.ts'

let world: CaseWorld
let edge: WorkerEdge

beforeAll(async () => {
  world = await startCaseWorld()
  edge = await openWorkerEdge(world.config, world.env)
})

afterAll(async () => {
  await edge.close()
  await world.close()
})

describe('A099 request targets in other forms never reach the origin without a token', () => {
  test.each([
    'http://evil.example/orders',
    'http://evil.example/health/../orders',
    'https://evil.example:443/orders',
    '//evil.example/orders',
    'orders',
    '*',
    'evil.example:443',
    '/health\\..\\orders',
    'http:///orders',
    'http://user:password@evil.example/orders',
    'javascript:alert(1)',
  ])('%s', async (target) => {
    for (const method of ['GET', 'OPTIONS', 'POST']) {
      const { response, seen } = await edge.sendRaw({ method, target })
      expect(seen).toBeUndefined()
      expect(response.status).not.toBe(200)
    }
  })
})

test('A094 a fragment is neither decided on nor sent on', async () => {
  const bearer = ['Authorization', `Bearer ${await world.main.token()}`] as const
  expect((await edge.sendRaw({ method: 'GET', target: '/admin#/health' })).response.status).toBe(403)
  expect((await edge.sendRaw({ method: 'GET', target: '/orders#/health' })).response.status).toBe(401)
  const { seen } = await edge.sendRaw({ method: 'GET', target: '/orders#/health', fields: [bearer] })
  expect(seen?.target).toBe('/orders')
})

test('A029 a request head beyond what workerd takes is refused before the Worker runs', async () => {
  for (const token of ['x'.repeat(1_000_000), '.'.repeat(1_000_000)]) {
    const { response, seen } = await edge
      .sendRaw({ method: 'GET', target: '/orders', fields: [['Authorization', `Bearer ${token}`]] })
      .catch(() => ({ response: { status: 0 }, seen: undefined }))
    expect(seen).toBeUndefined()
    expect([0, 400, 413, 431]).toContain(response.status)
  }
  const bearer = ['Authorization', `Bearer ${await world.main.token()}`] as const
  expect((await edge.sendRaw({ method: 'GET', target: '/orders', fields: [bearer] })).seen).toBeDefined()
})

test('A122 no piece of a refused token is in the answer or in what is reported', async () => {
  const opaque = `opaque-${crypto.randomUUID()}${crypto.randomUUID()}`
  const tokens = [
    opaque,
    await world.main.token({ claims: { nonce: 'n' } }),
    await world.main.token({ key: world.attackerKey }),
    (await world.main.token()).replace('.', `.${opaque}`),
  ]
  const outputs: string[] = []
  await edge.sendRaw({ method: 'REPORT', target: '/' })
  for (const token of tokens) {
    const outcome = await edge.send({ method: 'GET', path: '/orders', authorization: [`Bearer ${token}`] })
    expect(outcome.allow).toBe(false)
    outputs.push(JSON.stringify(outcome))
  }
  expect(findLeaks(outputs.join('\n'), tokens)).toEqual([])
  expect(findLeaks(`it would show: ${opaque}`, tokens)).toEqual([0, 3])
})
