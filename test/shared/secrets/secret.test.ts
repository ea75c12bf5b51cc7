// Secrets as the core uses them: how long one is kept, when it is loaded again, and what a rotation does. The source
// and the clock are arguments; the tests do not wait.

import { describe, expect, test } from 'vitest'
import type { GivenPorts, SecretRef } from '../../../shared/index.ts'
import { readSecret, type SecretUse } from '../../../shared/secrets/secret-ref.ts'
import { SECRET_TIMES } from '../../../shared/secrets/secret-times.ts'
import { createSecret } from '../../../shared/secrets/secret.ts'
import { storeSecret } from '../../support/stored-secret.ts'

const REF: SecretRef = { secretsManager: 'lanekeeper/main' }

function setUp(first: unknown) {
  const { world, events, ports } = storeSecret(first)
  return { world, events, secret: createSecret('issuers.main', REF, 'client_secret', ports) }
}

describe('the forms of a loaded secret', () => {
  const jwk = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y', d: 'd' }
  const field = (name: string): SecretRef => ({ secretsManager: 'x', field: name })
  const rows: [string, unknown, SecretRef, SecretUse, object][] = [
    ['a secret', 's3cret', REF, 'client_secret', { value: 's3cret' }],
    ['with a space inside', 'two words', REF, 'client_secret', { value: 'two words' }],
    ['with a line break at its end', 's3cret\n', REF, 'client_secret', { problem: 'malformed' }],
    ['with a space at its end', 's3cret ', REF, 'client_secret', { problem: 'malformed' }],
    ['beyond ASCII', 'sécret', REF, 'client_secret', { problem: 'malformed' }],
    ['nothing', undefined, REF, 'client_secret', { problem: 'missing' }],
    ['an empty text', '', REF, 'client_secret', { problem: 'empty' }],
    ['a number', 7, REF, 'client_secret', { problem: 'malformed' }],
    ['too long', 'x'.repeat(16_385), REF, 'client_secret', { problem: 'malformed' }],
    ['a member of JSON', '{"a":"s3cret"}', field('a'), 'client_secret', { value: 's3cret' }],
    ['another member of JSON', '{"a":"s3cret"}', field('b'), 'client_secret', { problem: 'no_field' }],
    ['an empty member of JSON', '{"a":""}', field('a'), 'client_secret', { problem: 'empty' }],
    ['a member on the prototype', '{}', field('constructor'), 'client_secret', { problem: 'no_field' }],
    ['no JSON', 's3cret', field('a'), 'client_secret', { problem: 'malformed' }],
    ['a member twice', '{"a":"1","a":"2"}', field('a'), 'client_secret', { problem: 'malformed' }],
    ['a bearer token', 'abc.def', REF, 'bearer_token', { value: 'abc.def' }],
    ['two words as a bearer token', 'abc def', REF, 'bearer_token', { problem: 'malformed' }],
    ['a private key', JSON.stringify(jwk), REF, 'private_jwk', { value: JSON.stringify(jwk) }],
    [
      'a key in a member',
      JSON.stringify({ k: jwk }),
      field('k'),
      'private_jwk',
      { value: JSON.stringify(jwk) },
    ],
    ['a public key', JSON.stringify({ ...jwk, d: undefined }), REF, 'private_jwk', { problem: 'malformed' }],
    ['a shared key', '{"kty":"oct","d":"x","k":"x"}', REF, 'private_jwk', { problem: 'malformed' }],
    ['a key for ES256', JSON.stringify(jwk), REF, 'es256_jwk', { value: JSON.stringify(jwk) }],
    ['a key for ES384', JSON.stringify({ ...jwk, crv: 'P-384' }), REF, 'es256_jwk', { problem: 'malformed' }],
    ['a key set', '{"keys":[]}', REF, 'jwk_set', { value: '{"keys":[]}' }],
    ['a key set in a member', '{"a":{"keys":[]}}', field('a'), 'jwk_set', { value: '{"keys":[]}' }],
    ['a key instead of a set', JSON.stringify(jwk), REF, 'jwk_set', { problem: 'malformed' }],
    ['a key set with keys twice', '{"keys":[],"keys":[]}', REF, 'jwk_set', { problem: 'malformed' }],
    ['a PEM file', '-----BEGIN PRIVATE KEY-----', REF, 'private_jwk', { problem: 'malformed' }],
  ]
  test.each(rows)('%s', (_, raw, ref, use, expected) => {
    expect(readSecret(raw, ref, use)).toEqual(expected)
  })
})

test('it is loaded when first needed, once for all who need it, and kept for its lifetime', async () => {
  const { world, secret } = setUp('one')
  expect(world.loads).toBe(0)
  const all = await Promise.all(Array.from({ length: 100 }, () => secret.values()))
  expect(all).toEqual(Array.from({ length: 100 }, () => ['one']))
  expect(world.loads).toBe(1)
  world.now += SECRET_TIMES.freshMs - 1
  await secret.values()
  expect(world.loads).toBe(1)
  world.now += 1
  await secret.values()
  expect(world.loads).toBe(2)
})

describe('when the issuer refuses it', () => {
  test('it is loaded again once, and the version before stays usable', async () => {
    const { world, secret } = setUp('one')
    await secret.values()
    world.value = 'two'
    const all = await Promise.all(Array.from({ length: 100 }, () => secret.renew('one')))
    expect(all[99]).toEqual(['two', 'one'])
    expect(world.loads).toBe(2)
    expect(await secret.renew('one')).toEqual(['two', 'one'])
    expect(world.loads).toBe(2)
  })

  test('the version that the issuer accepts is tried first, until the next load', async () => {
    const { world, secret } = setUp('one')
    await secret.values()
    world.value = 'two'
    await secret.renew('one')
    secret.accepted('one')
    expect(await secret.values()).toEqual(['one', 'two'])
    world.now += SECRET_TIMES.freshMs
    expect(await secret.values()).toEqual(['two', 'one'])
  })

  test('a secret that is wrong for good is not loaded with every request', async () => {
    const { world, secret } = setUp('wrong')
    await secret.values()
    for (let request = 0; request < 5; request++) expect(await secret.renew('wrong')).toEqual(['wrong'])
    expect(world.loads).toBe(2)
    world.now += SECRET_TIMES.renewalMs
    await secret.renew('wrong')
    expect(world.loads).toBe(3)
  })
})

describe('when it cannot be loaded', () => {
  test('there is no default: every use fails, with the reason, and it is tried again after a pause', async () => {
    const { world, events, secret } = setUp(new Error('secret text in an error'))
    const unavailable = {
      code: 'secret_unavailable',
      detail: { secret: 'secretsManager', problem: 'load_failed' },
    }
    expect(await secret.values()).toEqual(unavailable)
    expect(await secret.values()).toEqual(unavailable)
    expect(world.loads).toBe(1)
    expect(events).toEqual([
      { event: 'secret', outcome: 'failed', secret: 'issuers.main', code: 'load_failed' },
    ])
    world.value = 'one'
    world.now += SECRET_TIMES.retryMs
    expect(await secret.values()).toEqual(['one'])
  })

  test('a loaded secret is used a while longer, then no more', async () => {
    const { world, secret } = setUp('one')
    await secret.values()
    world.value = undefined
    world.now += SECRET_TIMES.usableMs - 1
    expect(await secret.values()).toEqual(['one'])
    world.now += 1
    expect(await secret.values()).toMatchObject({ code: 'secret_unavailable' })
  })

  test('an empty or malformed one never replaces a good one', async () => {
    const { world, secret } = setUp('one')
    await secret.values()
    for (const value of ['', 'x\n']) {
      world.value = value
      world.now += SECRET_TIMES.freshMs
      expect(await secret.values()).toEqual(['one'])
    }
  })

  test('without a source the reason says so', async () => {
    const ports: GivenPorts = { fetch, now: () => 0, report: () => {} }
    const secret = createSecret('x', REF, 'client_secret', ports)
    expect(await secret.values()).toMatchObject({ detail: { problem: 'no_source' } })
  })

  test('a clock that is set back makes it due again', async () => {
    const { world, secret } = setUp('one')
    await secret.values()
    world.now -= 60_000
    world.value = 'two'
    expect(await secret.values()).toEqual(['two', 'one'])
  })
})
