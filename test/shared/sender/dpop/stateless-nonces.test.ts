// Nonces of DPoP proofs: what they are made of, how long they are accepted, and what becomes of them when a secret is
// replaced or cannot be loaded.

import { randomBytes } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { webCrypto, type ReportEvent } from '../../../../shared/index.ts'
import { createDeadline } from '../../../../shared/platform/deadline.ts'
import type { Ports } from '../../../../shared/platform/ports.ts'
import { SECRET_TIMES } from '../../../../shared/secrets/secret-times.ts'
import { BUCKET_SECONDS as BUCKET, nonceBy } from '../../../support/dpop-nonces.ts'
import { createStatelessNonces } from '../../../../shared/sender/dpop/stateless-nonces.ts'

/** The middle of a bucket. */
const NOW = 15_000_000 * BUCKET + 60

const newKey = () => randomBytes(32).toString('base64url')

/** One instance. `env`: its secrets by name, which a test may change. */
function start(env: Record<string, string | undefined>, hasPrevious = false) {
  const events: ReportEvent[] = []
  let hashes = 0
  let seconds = NOW
  const ports: Ports = {
    fetch,
    now: () => seconds * 1000,
    report: (event) => void events.push(event),
    secrets: async ({ env: name }) => env[name!],
    crypto: {
      ...webCrypto,
      hmacSha256(key) {
        const hash = webCrypto.hmacSha256(key)
        return (message) => (hashes++, hash(message))
      },
    },
  }
  const refs = { key: { env: 'KEY' }, ...(hasPrevious ? { previousKey: { env: 'PREVIOUS' } } : {}) }
  const nonces = createStatelessNonces(refs, ports)
  return {
    check: async (nonce: string | undefined) =>
      nonces.check(nonce, seconds, createDeadline(ports, undefined)),
    current: (waitUntil: (work: Promise<unknown>) => void = () => {}) => nonces.current(seconds, waitUntil),
    at: (now: number) => void (seconds = now),
    hashes: () => hashes,
    loads: () => events.filter(({ event }) => event === 'secret').length,
  }
}

const REFUSED = { until: null, next: null }

test('a nonce is the bucket of the time and a keyed hash of it', async () => {
  const key = newKey()
  const instance = start({ KEY: key })
  await instance.check(undefined)
  expect(instance.current()).toBe(nonceBy(key, NOW))
  expect(instance.current()).toMatch(/^[\w-]{27}$/)
})

test.each([
  ['two buckets ago', -2, true],
  ['the last second of three buckets ago', -2 - 61 / BUCKET, false],
  ['the bucket before', -1, true],
  ['now', 0, true],
  ['the next bucket', 1, true],
  ['the bucket after the next', 2, false],
  ['an hour ago', -30, false],
])('a nonce that was made %s', async (_, buckets, isAccepted) => {
  const key = newKey()
  const instance = start({ KEY: key })
  const madeAt = NOW + buckets * BUCKET
  const end = (Math.floor(madeAt / BUCKET) + 3) * BUCKET
  // One bucket more, because the clock of another instance may be as much behind.
  const accepted = { until: end + BUCKET, next: buckets < 0 ? nonceBy(key, NOW) : null }
  expect(await instance.check(nonceBy(key, madeAt))).toEqual(isAccepted ? accepted : REFUSED)
})

test('the end of a nonce is the end of its second bucket after its own', async () => {
  const key = newKey()
  const instance = start({ KEY: key })
  const nonce = nonceBy(key, NOW)
  instance.at(NOW - 60 + 3 * BUCKET - 1)
  expect(await instance.check(nonce)).toMatchObject({ until: NOW - 60 + 4 * BUCKET })
  instance.at(NOW - 60 + 3 * BUCKET)
  expect(await instance.check(nonce)).toEqual(REFUSED)
})

test('no nonce, text that is none, and a nonce with any character changed are not accepted', async () => {
  const key = newKey()
  const instance = start({ KEY: key })
  const nonce = nonceBy(key, NOW)
  const changed = [...nonce].map(
    (character, at) => nonce.slice(0, at) + (character === 'A' ? 'B' : 'A') + nonce.slice(at + 1),
  )
  const others = [
    undefined,
    '',
    'x',
    nonce.slice(1),
    nonce.slice(0, -1),
    `${nonce}A`,
    `${nonce}=`,
    ` ${nonce}`,
  ]
  for (const other of [...changed, ...others, 'ä'.repeat(27), nonceBy(key, NOW, 'lanekeeper-other')])
    expect(await instance.check(other), String(other)).toEqual(REFUSED)
  expect(await instance.check(nonce)).not.toEqual(REFUSED)
})

test('the other spelling of the last character is not accepted', async () => {
  const key = newKey()
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const nonce = nonceBy(key, NOW)
  const spelled = nonce.slice(0, -1) + alphabet[alphabet.indexOf(nonce.at(-1)!) + 1]
  expect(Buffer.from(spelled, 'base64url')).toEqual(Buffer.from(nonce, 'base64url'))
  expect(await start({ KEY: key }).check(spelled)).toEqual(REFUSED)
})

test('every instance with the secret accepts the nonce of another, and no other does', async () => {
  const key = newKey()
  const [one, same, foreign] = [start({ KEY: key }), start({ KEY: key }), start({ KEY: newKey() })]
  await one.check(undefined)
  const nonce = one.current()!
  expect(await same.check(nonce)).toMatchObject({ next: null, until: expect.any(Number) })
  expect(await foreign.check(nonce)).toEqual(REFUSED)
})

test('a nonce of the previous key is accepted and replaced; without this setting it is not', async () => {
  const [key, previous] = [newKey(), newKey()]
  const nonce = nonceBy(previous, NOW)
  const env = { KEY: key, PREVIOUS: previous }
  expect(await start(env, true).check(nonce)).toMatchObject({
    until: expect.any(Number),
    next: nonceBy(key, NOW),
  })
  expect(await start(env, true).check(nonceBy(key, NOW))).toMatchObject({ next: null })
  expect(await start(env).check(nonce)).toEqual(REFUSED)
})

test('a secret that was replaced under its reference still verifies, and the new one makes nonces', async () => {
  const [old, key] = [newKey(), newKey()]
  const env = { KEY: old }
  const instance = start(env)
  await instance.check(undefined)
  env.KEY = key
  const later = NOW + SECRET_TIMES.freshMs / 1000
  instance.at(later)
  expect(await instance.check(nonceBy(old, later))).toMatchObject({
    until: expect.any(Number),
    next: nonceBy(key, later),
  })
  expect(instance.current()).toBe(nonceBy(key, later))
  expect(await start(env).check(nonceBy(old, NOW))).toEqual(REFUSED)
})

test('a nonce of a secret that this instance has not yet loaded is accepted, and at most every 30 seconds it looks', async () => {
  const [old, key] = [newKey(), newKey()]
  const env = { KEY: old }
  const instance = start(env)
  await instance.check(undefined)
  env.KEY = key
  instance.at(NOW + 29)
  expect(await instance.check(nonceBy(key, NOW))).toEqual(REFUSED)
  expect(instance.loads()).toBe(1)
  instance.at(NOW + 30)
  expect(await instance.check(nonceBy(key, NOW))).toMatchObject({ until: expect.any(Number) })
  expect(instance.loads()).toBe(2)
})

test('an old nonce makes no instance load its secret again', async () => {
  const instance = start({ KEY: newKey() })
  await instance.check(undefined)
  instance.at(NOW + 100)
  expect(await instance.check(nonceBy(newKey(), NOW - 4 * BUCKET))).toEqual(REFUSED)
  expect(instance.loads()).toBe(1)
})

test.each([
  ['missing', undefined],
  ['too_short', randomBytes(16).toString('base64url')],
  ['not_random', Buffer.alloc(32, 7).toString('base64url')],
  ['malformed', 'correct horse battery staple correct horse'],
])('a secret that is %s is unavailable, whatever the nonce', async (problem, key) => {
  const instance = start({ KEY: key })
  for (const nonce of [undefined, key === undefined ? 'x' : nonceBy(key, NOW)])
    expect(await instance.check(nonce)).toEqual({
      code: 'secret_unavailable',
      detail: { secret: 'env', problem },
    })
  expect(instance.current()).toBeNull()
})

test('without the previous secret its nonces are not accepted, and those of the key are', async () => {
  const [key, previous] = [newKey(), newKey()]
  const instance = start({ KEY: key }, true)
  expect(await instance.check(nonceBy(previous, NOW))).toEqual(REFUSED)
  expect(await instance.check(nonceBy(key, NOW))).toMatchObject({ until: expect.any(Number) })
})

test('without the key no nonce is accepted, not even one of the previous secret', async () => {
  const previous = newKey()
  const instance = start({ PREVIOUS: previous }, true)
  expect(await instance.check(nonceBy(previous, NOW))).toMatchObject({ code: 'secret_unavailable' })
})

test('a new instance has no current nonce, and loads the secret while it answers', async () => {
  const key = newKey()
  const instance = start({ KEY: key })
  const kept: Promise<unknown>[] = []
  expect(instance.current((work) => void kept.push(work))).toBeNull()
  await Promise.all(kept)
  await nextTurn()
  expect(kept).toHaveLength(1)
  expect(instance.current()).toBe(nonceBy(key, NOW))
})

test('a nonce is hashed once for each bucket', async () => {
  const key = newKey()
  const instance = start({ KEY: key })
  for (let count = 0; count < 10; count++) {
    await instance.check(nonceBy(key, NOW))
    await instance.check(nonceBy(key, NOW - BUCKET))
    instance.current()
  }
  expect(instance.hashes()).toBe(2)
})
