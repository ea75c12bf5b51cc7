// Whether a string is the secret of a guard: the exact one and nothing like it, on both sides of a rotation, and a failure
// while the store fails.

import { expect, test } from 'vitest'
import { createGuardCheck } from '../../../shared/secrets/guard-check.ts'
import { SECRET_TIMES } from '../../../shared/secrets/secret-times.ts'
import { storeSecret } from '../../support/stored-secret.ts'

const NAME = 'mtls.header.guard.secret'
const ONE = 'one-'.repeat(8)
const TWO = 'two-'.repeat(8)

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
  ['its end', ONE.slice(1)],
  ['more than it', `${ONE}x`],
  ['it twice', `${ONE}, ${ONE}`],
  ['a space before it', ` ${ONE}`],
  ['another case', ONE.toUpperCase()],
  ['a byte that is not ASCII', `${ONE.slice(0, -1)}\u00ad`],
  ['a lone surrogate', `${ONE}\ud800`],
])('%s is not the secret', async (_, given) => {
  const { isGuard } = setUp(ONE)
  expect(await isGuard(given)).toBe(false)
  expect(await isGuard(ONE)).toBe(true)
})

test('a proxy that is ahead of this instance: an unknown value has the secret loaded again', async () => {
  const { world, isGuard } = setUp(ONE)
  expect(await isGuard(ONE)).toBe(true)
  world.value = TWO
  world.now += SECRET_TIMES.missMs
  expect([await isGuard(TWO), await isGuard(ONE)]).toEqual([true, true])
  expect(world.loads).toBe(2)
})

test('unknown values load the secret no more often than that', async () => {
  const { world, isGuard } = setUp(ONE)
  expect(await isGuard(ONE)).toBe(true)
  world.value = TWO
  world.now += SECRET_TIMES.missMs - 1
  for (let sent = 0; sent < 9; sent++) expect(await isGuard('x'.repeat(32))).toBe(false)
  expect(await isGuard(TWO)).toBe(false)
  expect(world.loads).toBe(1)
  world.now += 1
  expect(await isGuard(TWO)).toBe(true)
  for (let sent = 0; sent < 9; sent++) expect(await isGuard('x'.repeat(32))).toBe(false)
  expect(world.loads).toBe(2)
})

test('a proxy that is behind this instance: the value before the last one counts for an hour', async () => {
  const { world, isGuard } = setUp(ONE)
  expect(await isGuard(ONE)).toBe(true)
  world.value = TWO
  world.now += SECRET_TIMES.freshMs
  expect([await isGuard(TWO), await isGuard(ONE)]).toEqual([true, true])
  world.now += SECRET_TIMES.usableMs - SECRET_TIMES.freshMs - 1
  expect(await isGuard(ONE)).toBe(true)
  world.now += 1
  expect([await isGuard(TWO), await isGuard(ONE)]).toEqual([true, false])
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
])('with a store %s it is a failure, until the store works again', async (_, value, problem) => {
  const { world, events, isGuard } = setUp(value)
  for (const given of [ONE, ONE.slice(1), '', 'undefined'])
    expect(await isGuard(given)).toMatchObject(unavailable(problem))
  expect(events).toEqual([{ event: 'secret', outcome: 'failed', secret: NAME, code: problem }])
  world.value = ONE
  world.now += SECRET_TIMES.retryMs
  expect(await isGuard(ONE)).toBe(true)
})

test('while the store fails, the known value counts, and an unknown one is a failure', async () => {
  const { world, isGuard } = setUp(ONE)
  expect(await isGuard(ONE)).toBe(true)
  world.value = new Error('down')
  world.now += SECRET_TIMES.freshMs
  expect(await isGuard(ONE)).toBe(true)
  expect(await isGuard(TWO)).toMatchObject(unavailable('load_failed'))
  world.now += SECRET_TIMES.usableMs
  expect(await isGuard(ONE)).toMatchObject(unavailable('load_failed'))
})

test('no event has the secret or what was given', async () => {
  const { world, events, isGuard } = setUp(ONE)
  await isGuard(TWO)
  world.value = new Error(`cannot read ${ONE}`)
  world.now += SECRET_TIMES.usableMs
  await isGuard(TWO)
  expect(events.map(({ event }) => event)).toEqual(['secret', 'secret'])
  for (const text of [ONE, TWO]) expect(JSON.stringify(events)).not.toContain(text.slice(0, 8))
})
