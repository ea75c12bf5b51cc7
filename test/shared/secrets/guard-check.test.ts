// Whether a proxy has sent the secret that it shares with this edge: around a rotation, in which either side may be
// ahead of the other, and while the store fails. A secret that cannot be loaded is a failure, because it is no client's
// fault.

import { describe, expect, test, vi } from 'vitest'
import { createGuardCheck } from '../../../shared/secrets/guard-check.ts'
import { SECRET_TIMES } from '../../../shared/secrets/secret-times.ts'
import { storeSecret } from '../../support/stored-secret.ts'

const ONE = 'one-'.repeat(8)
const TWO = 'two-'.repeat(8)
const NAME = 'mtls.header.guard.secret'

function setUp(first: unknown) {
  const { world, events, ports } = storeSecret(first)
  return { world, events, isGuard: createGuardCheck(NAME, { env: 'S' }, 'fingerprint_key', ports) }
}

const unavailable = (problem: string) => ({
  code: 'secret_unavailable',
  detail: { secret: 'env', problem },
})

test('it is the secret, which is loaded on first use and once', async () => {
  const { world, events, isGuard } = setUp(ONE)
  expect(world.loads).toBe(0)
  expect([await isGuard(ONE), await isGuard(ONE)]).toEqual([true, true])
  expect(world.loads).toBe(1)
  expect(events).toEqual([{ event: 'secret', outcome: 'loaded', secret: NAME, code: 'ok' }])
})

test.each([
  ['another one', TWO],
  ['nothing', ''],
  ['its beginning', ONE.slice(0, -1)],
  ['more than it', `${ONE}x`],
  ['it twice', `${ONE}, ${ONE}`],
  ['another case', ONE.toUpperCase()],
  ['a byte that is not ASCII', `${ONE.slice(0, -1)}\u00ad`],
  ['a lone surrogate', `${ONE}\ud800`],
])('%s is not the secret', async (_, given) => {
  const { isGuard } = setUp(ONE)
  expect(await isGuard(given)).toBe(false)
  expect(await isGuard(ONE)).toBe(true)
})

describe('around a rotation', () => {
  test('a proxy that is ahead has the secret loaded again, at most every 30 seconds', async () => {
    const { world, isGuard } = setUp(ONE)
    expect(await isGuard(ONE)).toBe(true)
    world.value = TWO
    world.now += SECRET_TIMES.missMs - 1
    expect(await isGuard(TWO)).toBe(false)
    expect(world.loads).toBe(1)
    world.now += 1
    expect(await isGuard(TWO)).toBe(true)
    expect(world.loads).toBe(2)
    for (let guess = 0; guess < 20; guess++) expect(await isGuard(`${guess}`)).toBe(false)
    expect(world.loads).toBe(2)
  })

  test('who guesses delays a proxy that is ahead by 30 seconds at most, and one that has the secret not at all', async () => {
    const { world, isGuard } = setUp(ONE)
    expect(await isGuard(ONE)).toBe(true)
    world.now += SECRET_TIMES.missMs
    await Promise.all(Array.from({ length: 20 }, (_, guess) => isGuard(`${guess}`)))
    expect(world.loads).toBe(2)
    world.value = TWO
    world.now += SECRET_TIMES.missMs - 1
    expect([await isGuard(TWO), await isGuard(ONE)]).toEqual([false, true])
    world.now += 1
    expect([await isGuard('guess'), await isGuard(TWO), await isGuard(ONE)]).toEqual([false, true, true])
  })

  test('a proxy that is behind passes until an hour after its secret was last loaded', async () => {
    const { world, isGuard } = setUp(ONE)
    expect(await isGuard(ONE)).toBe(true)
    world.value = TWO
    world.now += SECRET_TIMES.freshMs
    expect([await isGuard(TWO), await isGuard(ONE)]).toEqual([true, true])
    world.now += SECRET_TIMES.usableMs - SECRET_TIMES.freshMs - 1
    expect([await isGuard(TWO), await isGuard(ONE)]).toEqual([true, true])
    world.now += 1
    expect([await isGuard(TWO), await isGuard(ONE)]).toEqual([true, false])
  })
})

test('a value from before the last two rotations does not count', async () => {
  const { world, isGuard } = setUp(ONE)
  expect(await isGuard(ONE)).toBe(true)
  for (const value of [TWO, 'three-'.repeat(6)]) {
    world.value = value
    world.now += SECRET_TIMES.freshMs
    expect(await isGuard(value)).toBe(true)
  }
  expect([await isGuard(TWO), await isGuard(ONE)]).toEqual([true, false])
})

test.each([
  ['that throws', new Error(ONE), 'load_failed'],
  ['without the secret', undefined, 'missing'],
  ['with a secret that is too short', ONE.slice(1), 'malformed'],
])('with a store %s nothing can be said, whatever is given', async (_, value, problem) => {
  const { world, isGuard } = setUp(value)
  for (const given of [ONE, ONE.slice(1), '', 'undefined'])
    expect(await isGuard(given)).toMatchObject(unavailable(problem))
  world.value = ONE
  world.now += SECRET_TIMES.retryMs
  expect(await isGuard(ONE)).toBe(true)
})

test('while the store fails the secret that is known passes, and of another one nothing can be said', async () => {
  const { world, isGuard } = setUp(ONE)
  expect(await isGuard(ONE)).toBe(true)
  world.value = new Error(ONE)
  world.now += SECRET_TIMES.missMs
  expect(await isGuard(TWO)).toMatchObject(unavailable('load_failed'))
  expect(await isGuard(ONE)).toBe(true)
})

test('hashes are compared, all of them, whichever is the one', async () => {
  const { world, isGuard } = setUp(ONE)
  await isGuard(ONE)
  world.value = TWO
  world.now += SECRET_TIMES.freshMs
  await isGuard(TWO)
  const [sign, verify] = [vi.spyOn(crypto.subtle, 'sign'), vi.spyOn(crypto.subtle, 'verify')]
  try {
    // What is no secret is compared once more with what the store has now.
    for (const [given, times] of [
      [ONE, 1],
      [TWO, 1],
      ['x', 2],
    ] as const) {
      expect(await isGuard(given)).toBe(times === 1)
      expect([given, sign.mock.calls.length, verify.mock.calls.length]).toEqual([given, times, 2 * times])
      expect(sign.mock.calls[0]![0]).toBe('HMAC')
      sign.mockClear()
      verify.mockClear()
    }
  } finally {
    sign.mockRestore()
    verify.mockRestore()
  }
})
