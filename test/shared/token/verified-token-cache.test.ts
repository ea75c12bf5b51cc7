// The size of the cache of verified tokens, and that it finds a token by all of its characters.

import { expect, test } from 'vitest'
import { createVerifiedTokenCache, type VerifiedToken } from '../../../shared/token/verified-token-cache.ts'

const VERIFIED = { header: {}, claims: {} } as VerifiedToken
const named = (name: string): VerifiedToken => ({ ...VERIFIED, claims: { name } })
/** Tokens of 1,000 characters that differ near their end; the last character is the same in all. */
const token = (serial: number) =>
  `${'a'.repeat(400)}.${'b'.repeat(400)}.${String(serial).padStart(197, 'c')}A`

test.each([0, 1_000, 10_000, 100_000, 1_000_000])('never holds more than %i bytes', (bound) => {
  const cache = createVerifiedTokenCache(bound)
  let most = 0
  for (let serial = 0; serial < 1_000; serial++) {
    cache.set(token(serial), VERIFIED, serial % 7 === 0 ? bound : 100 * (serial % 13))
    most = Math.max(most, cache.size().bytes)
  }
  expect(most).toBeLessThanOrEqual(bound)
  expect(cache.size().entries > 0).toBe(bound >= 10_000)
})

const used = (cache: ReturnType<typeof createVerifiedTokenCache>) => cache.get(token(0))?.claims

test('a used token stays while others come and go, and an unused one does not', () => {
  const cache = createVerifiedTokenCache(100_000)
  cache.set(token(0), named('used'), 0)
  cache.set(token(1), named('unused'), 0)
  for (let serial = 2; serial < 500; serial++) {
    for (const time of ['first', 'second'])
      if (cache.get(token(serial)) === undefined) cache.set(token(serial), named(time), 0)
    expect(cache.get(token(serial))).toBeDefined()
    expect(used(cache)).toEqual({ name: 'used' })
  }
  expect(cache.get(token(1))).toBeUndefined()
})

test('once it is full, a token that comes once displaces nothing, and one that comes again is cached', () => {
  const cache = createVerifiedTokenCache(100_000)
  for (let serial = 0; serial < 24; serial++) cache.set(token(serial), named(`${serial}`), 0)
  const full = cache.size()
  for (let serial = 100; serial < 10_000; serial++) cache.set(token(serial), VERIFIED, 0)
  expect(cache.size()).toEqual(full)
  for (let serial = 0; serial < 24; serial++)
    expect(cache.get(token(serial))?.claims).toEqual({ name: `${serial}` })
  cache.set(token(9_999), named('again'), 0)
  expect(cache.get(token(9_999))?.claims).toEqual({ name: 'again' })
  expect(used(cache)).toEqual({ name: '0' })
})

test('tokens that keep coming do not keep each other out', () => {
  const cache = createVerifiedTokenCache(20_000)
  for (let serial = 0; serial < 4; serial++) cache.set(token(serial), VERIFIED, 0)
  const kept = new Set<number>()
  for (let lap = 0; lap < 200; lap++) {
    for (let serial = 100; serial < 140; serial++) {
      if (cache.get(token(serial)) === undefined) cache.set(token(serial), VERIFIED, 0)
      if (cache.get(token(serial)) !== undefined) kept.add(serial)
    }
  }
  expect(kept.size).toBe(40)
})

test('a token that comes again long after counts as new, since each slot notes one token only', () => {
  const cache = createVerifiedTokenCache(100_000)
  for (let serial = 0; serial < 24; serial++) cache.set(token(serial), VERIFIED, 0)
  cache.set(token(100), VERIFIED, 0)
  for (let serial = 1_000; serial < 20_000; serial++) cache.set(token(serial), VERIFIED, 0)
  cache.set(token(100), VERIFIED, 0)
  expect(cache.get(token(100))).toBeUndefined()
})

test('a dropped or replaced entry is not counted any more', () => {
  const cache = createVerifiedTokenCache(100_000)
  cache.set(token(0), named('first'), 500)
  cache.set(token(0), named('second'), 500)
  expect(cache.size()).toEqual({ entries: 1, bytes: 1_024 + 1_000 + 500 })
  expect(cache.get(token(0))?.claims).toEqual({ name: 'second' })
  cache.delete(token(0))
  expect(cache.size()).toEqual({ entries: 0, bytes: 0 })
  expect(cache.get(token(0))).toBeUndefined()
})

test('a text that differs in any one character is another token', () => {
  const cache = createVerifiedTokenCache(100_000)
  cache.set(token(0), VERIFIED, 0)
  expect(cache.get(`${token(0)}`)).toBe(VERIFIED)
  for (let at = 0; at < token(0).length; at++) {
    const other = `${token(0).slice(0, at)}x${token(0).slice(at + 1)}`
    expect([at, cache.get(other)]).toEqual([at, undefined])
  }
  for (const other of ['', token(0).slice(1), `a${token(0)}`, token(0).slice(-32)])
    expect(cache.get(other)).toBeUndefined()
})

test('another token with the same ending takes the slot, and neither is taken for the other', () => {
  const cache = createVerifiedTokenCache(100_000)
  const alike = `z${token(0).slice(1)}`
  cache.set(token(0), named('one'), 0)
  cache.set(alike, named('other'), 0)
  expect(cache.get(alike)?.claims).toEqual({ name: 'other' })
  expect(cache.get(token(0))).toBeUndefined()
  expect(cache.size().entries).toBe(1)
})
