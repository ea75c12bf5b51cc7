import { expect, test } from 'vitest'
import { createLookupMemory } from '../../../shared/revocation/lookup-memory.ts'
import type { Revocable } from '../../../shared/revocation/revocable.ts'

const token = (keys = 4): Revocable => ({
  keys: Array.from({ length: keys }, () => new Uint8Array(32)),
  kinds: [],
  iat: null,
  finding: undefined,
})

/** Bytes of a token with four keys and no entry. */
const EACH = 300 + 4 * 250

test('the token that was asked for longest ago is forgotten first', () => {
  const memory = createLookupMemory(3 * EACH, 60_000)
  const [one, two, three, four] = [token(), token(), token(), token()]
  for (const [at, each] of [one, two, three].entries()) memory.set(each, { found: null, askedAt: at })
  expect(memory.size()).toEqual({ tokens: 3, bytes: 3 * EACH })
  memory.set(one, { found: null, askedAt: 10 })
  memory.set(four, { found: null, askedAt: 11 })
  expect(memory.size()).toEqual({ tokens: 3, bytes: 3 * EACH })
  expect([one, two, three, four].map((each) => memory.get(each)?.askedAt)).toEqual([10, undefined, 2, 11])
})

test('the entries of a token count', () => {
  const memory = createLookupMemory(1_000_000, 60_000)
  const one = token()
  memory.set(one, { found: Array.from({ length: 4 }, () => null), askedAt: 1 })
  expect(memory.size().bytes).toBe(EACH + 200)
  memory.set(one, { found: null, askedAt: 2 })
  expect(memory.size().bytes).toBe(EACH)
  memory.clear()
  expect(memory.size()).toEqual({ tokens: 0, bytes: 0 })
})

test('what is too old to be used makes room at once', () => {
  const memory = createLookupMemory(1_000_000, 60_000)
  const [one, two] = [token(), token()]
  memory.set(one, { found: null, askedAt: 0 })
  memory.set(two, { found: null, askedAt: 59_999 })
  expect(memory.size().tokens).toBe(2)
  memory.set(two, { found: null, askedAt: 60_000 })
  expect(memory.size().tokens).toBe(1)
})

test('an earlier answer that comes late is not remembered', () => {
  const memory = createLookupMemory(1_000_000, 60_000)
  const one = token()
  const later = { found: [{ notBefore: 1, until: 2 }], askedAt: 5 }
  memory.set(one, later)
  memory.set(one, { found: null, askedAt: 4 })
  expect(memory.get(one)).toBe(later)
})

test('a token that is larger than the memory is not remembered', () => {
  const memory = createLookupMemory(EACH, 60_000)
  memory.set(token(100), { found: null, askedAt: 0 })
  expect(memory.size()).toEqual({ tokens: 0, bytes: 0 })
})
