// Whether a caller has a secret: the exact one and nothing like it, also around a rotation and while the store fails.

import { expect, test } from 'vitest'
import { createSecretCheck } from '../../../shared/secrets/secret-check.ts'
import { SECRET_TIMES } from '../../../shared/secrets/secret-times.ts'
import { storeSecret } from '../../support/stored-secret.ts'

const ONE = 'one-'.repeat(8)
const TWO = 'two-'.repeat(8)

function setUp(first: unknown) {
  const { world, events, ports } = storeSecret(first)
  const isSecret = createSecretCheck('diagnostics.secret', { env: 'S' }, 'fingerprint_key', ports)
  return { world, events, isSecret }
}

test('it is the secret', async () => {
  const { world, events, isSecret } = setUp(ONE)
  expect(world.loads).toBe(0)
  expect(await isSecret(ONE)).toBe(true)
  expect(await isSecret(ONE)).toBe(true)
  expect(events).toEqual([{ event: 'secret', outcome: 'loaded', secret: 'diagnostics.secret', code: 'ok' }])
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
  const { isSecret } = setUp(ONE)
  expect(await isSecret(given)).toBe(false)
  expect(await isSecret(ONE)).toBe(true)
})

test('a value that was replaced counts for an hour after it was last loaded', async () => {
  const { world, isSecret } = setUp(ONE)
  expect(await isSecret(ONE)).toBe(true)
  world.value = TWO
  expect(await isSecret(TWO)).toBe(false)
  world.now += SECRET_TIMES.freshMs
  expect([await isSecret(TWO), await isSecret(ONE)]).toEqual([true, true])
  world.now += SECRET_TIMES.usableMs - SECRET_TIMES.freshMs - 1
  expect([await isSecret(TWO), await isSecret(ONE)]).toEqual([true, true])
  world.now += 1
  expect([await isSecret(TWO), await isSecret(ONE)]).toEqual([true, false])
})

test.each([
  ['that throws', new Error(ONE), 'load_failed'],
  ['without the secret', undefined, 'missing'],
  ['with a secret that is too short', ONE.slice(1), 'malformed'],
])('with a store %s nothing is the secret', async (_, value, code) => {
  const { world, events, isSecret } = setUp(value)
  for (const given of [ONE, ONE.slice(1), '', 'undefined']) expect(await isSecret(given)).toBe(false)
  expect(events).toEqual([{ event: 'secret', outcome: 'failed', secret: 'diagnostics.secret', code }])
  world.value = ONE
  world.now += SECRET_TIMES.retryMs
  expect(await isSecret(ONE)).toBe(true)
})

test('it never rejects', async () => {
  const broken = () => {
    throw new Error('no clock')
  }
  const ports = { fetch, now: broken, report: () => {}, secrets: async () => ONE }
  const isSecret = createSecretCheck('x', { env: 'S' }, 'fingerprint_key', ports)
  expect(await isSecret(ONE)).toBe(false)
})
