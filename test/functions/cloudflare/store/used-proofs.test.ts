// The table of used proofs: a name is new once, a claim tells an insert that is made again from a second use, and names
// stay until no edge accepts the proof any more.

import { describe, expect, test } from 'vitest'
import { KEPT_AFTER_SECONDS, openUsedProofs } from '../../../../functions/cloudflare/store/used-proofs.ts'
import { createNodeDatabase, NOW } from './node-database.ts'

const nameOf = (id: number): Uint8Array => new Uint8Array(32).fill(id)
const claimOf = (id: number): Uint8Array => new Uint8Array(16).fill(id)

function open() {
  const { sql } = createNodeDatabase()
  const clock = { seconds: NOW }
  const reopen = () => openUsedProofs(sql, () => clock.seconds * 1_000)
  const proofs = reopen()
  let claims = 0
  return {
    proofs,
    clock,
    reopen,
    count: () => [...sql.exec('SELECT 1 FROM proofs')].length,
    insert: (id: number, until = NOW + 330) => proofs.insert(nameOf(id), until, claimOf(++claims)),
  }
}

test('a name is new once, also after the object was ended', () => {
  const { insert, reopen } = open()
  expect([insert(1), insert(2), insert(1), insert(2)]).toEqual([true, true, false, false])
  expect(reopen().insert(nameOf(1), NOW + 330, claimOf(99))).toBe(false)
})

test('a name that is used again keeps its time', () => {
  const { insert, proofs, clock } = open()
  expect([insert(1, NOW + 330), insert(1, NOW), insert(1, NOW + 7_000)]).toEqual([true, false, false])
  clock.seconds = NOW + 330 + KEPT_AFTER_SECONDS
  expect([proofs.purge(), insert(1, clock.seconds)]).toEqual([true, false])
  clock.seconds++
  expect([proofs.purge(), insert(1, clock.seconds)]).toEqual([false, true])
})

test('the same insert, made again, is still the first one; another claim is a second use', () => {
  const { proofs, count } = open()
  const insert = (claim: number) => proofs.insert(nameOf(1), NOW + 330, claimOf(claim))
  expect([insert(1), insert(1), insert(2), insert(1), insert(2)]).toEqual([true, true, false, true, false])
  expect(count()).toBe(1)
})

test('names are purged later than they expire, each by its own time', () => {
  const { insert, proofs, clock, count } = open()
  for (let id = 0; id < 10; id++) insert(id, NOW + id)
  expect(proofs.purge()).toBe(true)
  expect(count()).toBe(10)
  clock.seconds = NOW + 5 + KEPT_AFTER_SECONDS
  expect(proofs.purge()).toBe(true)
  expect(count()).toBe(5)
  clock.seconds += 5
  expect(proofs.purge()).toBe(false)
  expect(count()).toBe(0)
})

describe('a time', () => {
  test.each([NOW - KEPT_AFTER_SECONDS, NOW, NOW + 4_200, NOW + 7_200])('of %d is kept', (until) => {
    expect(open().insert(1, until)).toBe(true)
  })

  test.each([NOW - KEPT_AFTER_SECONDS - 1, NOW + 7_201, NOW * 1_000, 2 ** 40, 0])(
    'of %d is refused, and nothing is stored',
    (until) => {
      const { insert, count } = open()
      expect(() => insert(1, until)).toThrow(RangeError)
      expect(count()).toBe(0)
    },
  )
})

describe('a call of another form is refused, and nothing is stored', () => {
  test.each<[string, unknown[]]>([
    ['without a name', [undefined, NOW, claimOf(1)]],
    ['with a name as text', ['x'.repeat(32), NOW, claimOf(1)]],
    ['with a list as a name', [Array.from(nameOf(1)), NOW, claimOf(1)]],
    ['with a short name', [nameOf(1).subarray(1), NOW, claimOf(1)]],
    ['with a long name', [new Uint8Array(33), NOW, claimOf(1)]],
    ['without a time', [nameOf(1), undefined, claimOf(1)]],
    ['with a time as text', [nameOf(1), String(NOW), claimOf(1)]],
    ['with a part of a second', [nameOf(1), NOW + 0.5, claimOf(1)]],
    ['with no number', [nameOf(1), Number.NaN, claimOf(1)]],
    ['without a claim', [nameOf(1), NOW, undefined]],
    ['with a short claim', [nameOf(1), NOW, new Uint8Array(15)]],
  ])('%s', (_, given) => {
    const { proofs, count } = open()
    expect(() => proofs.insert(given[0], given[1], given[2])).toThrow(TypeError)
    expect(count()).toBe(0)
    expect(proofs.insert(nameOf(1), NOW, claimOf(1))).toBe(true)
  })
})
