// The flatness rule of the soak with made-up samples: a leak must fail the rule, whatever noise hides it.

import { expect, test } from 'vitest'
import { flatnessOf, MOST_BYTES_PER_TOKEN, type Sample } from './flatness.ts'
import { createRandom } from './mix.ts'

const MEGABYTE = 1024 * 1024
const ALLOWANCE = 2 * MEGABYTE
const TOKENS = 1_000_000
const COUNT = 200

const samples = (bytesAfter: (tokens: number) => number, tokens = TOKENS): Sample[] =>
  Array.from({ length: COUNT }, (_, index) => {
    const passed = ((index + 1) * tokens) / COUNT
    return { tokens: passed, bytes: bytesAfter(passed) }
  })

const isFlat = (bytesAfter: (tokens: number) => number) => flatnessOf(samples(bytesAfter), ALLOWANCE).isFlat

/** Memory under a garbage collector: it rises and is freed again. */
const sawtooth = (tokens: number) => 100 * MEGABYTE + ((tokens * 700) % (40 * MEGABYTE))

test.each([
  ['constant', () => 80 * MEGABYTE],
  ['warming up and then constant', (tokens: number) => Math.min(tokens, 300_000) * 200],
  ['breathing', sawtooth],
  ['shrinking', (tokens: number) => 200 * MEGABYTE - tokens * 50],
  ['one step in the first half', (tokens: number) => (tokens > 400_000 ? 150 : 100) * MEGABYTE],
])('memory that is %s is flat', (_, bytesAfter) => {
  expect(isFlat(bytesAfter)).toBe(true)
})

test.each([
  ['keeps a number for each token', (tokens: number) => 80 * MEGABYTE + tokens * (MOST_BYTES_PER_TOKEN + 1)],
  ['keeps an entry for each token', (tokens: number) => 80 * MEGABYTE + tokens * 64],
  ['keeps the text of each token', (tokens: number) => 80 * MEGABYTE + tokens * 700],
  ['keeps an entry and breathes', (tokens: number) => sawtooth(tokens) + tokens * 64],
  ['keeps something of each hostile token', (tokens: number) => 80 * MEGABYTE + (tokens / 16) * 700],
  ['doubles a table now and then', (tokens: number) => 2 ** Math.ceil(Math.log2(tokens)) * 64],
])('memory that %s is not', (_, bytesAfter) => {
  expect(isFlat(bytesAfter)).toBe(false)
})

test('a leak is found through noise of any seed', () => {
  for (let seed = 0; seed < 50; seed++) {
    const random = createRandom(seed)
    const noise = () => random() * 30 * MEGABYTE
    expect(isFlat((tokens) => 100 * MEGABYTE + noise() + tokens * 64)).toBe(false)
  }
})

test('the slope is in bytes per token', () => {
  const { bytesPerToken, rise } = flatnessOf(
    samples((tokens) => tokens * 100),
    ALLOWANCE,
  )
  expect(bytesPerToken).toBeCloseTo(100)
  expect(rise).toBeCloseTo(100 * (TOKENS / 2 - TOKENS / COUNT), -6)
})

test('a short run may rise by the allowance, and no more', () => {
  const rising = (bytes: number) =>
    flatnessOf(
      samples((tokens) => tokens * bytes, 4_000),
      ALLOWANCE,
    ).isFlat
  expect(rising(900)).toBe(true)
  expect(rising(1_200)).toBe(false)
})

test('too few samples are refused', () => {
  expect(() => flatnessOf(samples(() => 1).slice(0, 19), ALLOWANCE)).toThrow('19 samples are too few to tell')
})
