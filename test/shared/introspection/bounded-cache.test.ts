// The cache of answers is bounded in number, in bytes and in time, and its keys reveal nothing about the tokens.

import { describe, expect, test } from 'vitest'
import { createBoundedCache } from '../../../shared/introspection/bounded-cache.ts'
import { createTokenKey } from '../../../shared/introspection/cache-key.ts'

describe('the cache', () => {
  const small = () => createBoundedCache<string>({ maxEntries: 3, maxBytes: 100 })

  test.each([
    ['before its time is over', 999, 'x'],
    ['when its time is over', 1_000, undefined],
    ['before it was made', -1, undefined],
  ])('an entry %s', (_, now, expected) => {
    const cache = small()
    cache.set('a', 'x', 10, 0, 1_000)
    expect(cache.get('a', now)).toBe(expected)
    expect(cache.size()).toEqual(
      expected === undefined ? { entries: 0, bytes: 0 } : { entries: 1, bytes: 10 },
    )
  })

  test('the least recently used entry is dropped first', () => {
    const cache = small()
    for (const key of ['a', 'b', 'c']) cache.set(key, key, 10, 0, 1_000)
    cache.get('a', 1)
    cache.set('d', 'd', 10, 1, 1_000)
    expect(['a', 'b', 'c', 'd'].filter((key) => cache.get(key, 1) !== undefined)).toEqual(['a', 'c', 'd'])
  })

  test('bytes are bounded, and an entry that is too large drops no other', () => {
    const cache = small()
    cache.set('a', 'a', 60, 0, 1_000)
    cache.set('b', 'b', 60, 0, 1_000)
    expect(cache.size()).toEqual({ entries: 1, bytes: 60 })
    cache.set('c', 'c', 101, 0, 1_000)
    expect(cache.get('b', 1)).toBe('b')
    expect(cache.get('c', 1)).toBeUndefined()
  })

  test('a million tokens leave no more than the limits', () => {
    const cache = createBoundedCache<number>({ maxEntries: 1_000, maxBytes: 1_000_000 })
    for (let index = 0; index < 1_000_000; index++)
      cache.set(String(index), index, 200, index, index + 60_000)
    expect(cache.size()).toEqual({ entries: 1_000, bytes: 200_000 })
  })

  test('an entry that is set again counts once, and an expired one is not stored', () => {
    const cache = small()
    cache.set('a', 'x', 10, 0, 1_000)
    cache.set('a', 'y', 20, 0, 1_000)
    expect(cache.size()).toEqual({ entries: 1, bytes: 20 })
    cache.set('a', 'z', 20, 0, 0)
    expect(cache.size()).toEqual({ entries: 0, bytes: 0 })
  })
})

describe('the key of a token', () => {
  test('is stable, and differs by token, purpose, issuer and instance', async () => {
    const key = createTokenKey()
    const first = await key('main', 'token', 'abc')
    expect(await key('main', 'token', 'abc')).toBe(first)
    const others = await Promise.all([
      key('main', 'token', 'abd'),
      key('main', 'userinfo', 'abc'),
      key('other', 'token', 'abc'),
      key('maintoken', '', 'abc'),
      createTokenKey()('main', 'token', 'abc'),
    ])
    expect(new Set([first, ...others]).size).toBe(6)
    expect(first).toMatch(/^[A-Za-z0-9_-]{43}$/)
  })
})
