// Request lines and fields that only a socket can send, to the Worker in workerd in front of a real origin.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openWorkerDoor, type WorkerDoor } from '../doors/worker-door.ts'
import { findLeaks } from '../support/leaks.ts'
import { startCaseWorld, type CaseWorld } from '../support/surroundings.ts'

let world: CaseWorld
let door: WorkerDoor

beforeAll(async () => {
  world = await startCaseWorld()
  door = await openWorkerDoor(world.config, world.env)
})

afterAll(async () => {
  await door.close()
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
      const { response, seen } = await door.sendRaw({ method, target })
      expect(seen).toBeUndefined()
      expect(response.status).not.toBe(200)
    }
  })
})

test('A094 a fragment is neither decided on nor sent on', async () => {
  const bearer = ['Authorization', `Bearer ${await world.main.token()}`] as const
  expect((await door.sendRaw({ method: 'GET', target: '/admin#/health' })).response.status).toBe(403)
  expect((await door.sendRaw({ method: 'GET', target: '/orders#/health' })).response.status).toBe(401)
  const { seen } = await door.sendRaw({ method: 'GET', target: '/orders#/health', fields: [bearer] })
  expect(seen?.target).toBe('/orders')
})

test('A029 a request head beyond what workerd takes is refused before the Worker runs', async () => {
  for (const token of ['x'.repeat(1_000_000), '.'.repeat(1_000_000)]) {
    const { response, seen } = await door
      .sendRaw({ method: 'GET', target: '/orders', fields: [['Authorization', `Bearer ${token}`]] })
      .catch(() => ({ response: { status: 0 }, seen: undefined }))
    expect(seen).toBeUndefined()
    expect([0, 400, 413, 431]).toContain(response.status)
  }
  const bearer = ['Authorization', `Bearer ${await world.main.token()}`] as const
  expect((await door.sendRaw({ method: 'GET', target: '/orders', fields: [bearer] })).seen).toBeDefined()
})

test('A122 no piece of a refused token is in the answer or in what is reported', async () => {
  const opaque = `opaque-${crypto.randomUUID()}${crypto.randomUUID()}`
  const tokens = [
    opaque,
    await world.main.token({ claims: { nonce: 'n' } }),
    await world.main.token({ key: world.foreignKey }),
    (await world.main.token()).replace('.', `.${opaque}`),
  ]
  const outputs: string[] = []
  await door.sendRaw({ method: 'REPORT', target: '/' })
  for (const token of tokens) {
    const outcome = await door.send({ method: 'GET', path: '/orders', authorization: [`Bearer ${token}`] })
    expect(outcome.allow).toBe(false)
    outputs.push(JSON.stringify(outcome))
  }
  expect(findLeaks(outputs.join('\n'), tokens)).toEqual([])
  expect(findLeaks(`it would show: ${opaque}`, tokens)).toEqual([0, 3])
})
