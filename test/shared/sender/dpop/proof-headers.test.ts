// The headers of proofs that were good: bounded, by their text, and only those that were given to it.

import { expect, test } from 'vitest'
import { createProofHeaders, type CheckedHeader } from '../../../../shared/sender/dpop/proof-headers.ts'
import type { JsonObject } from '../../../../shared/token/strict-json.ts'

const CHECKED = {
  algorithm: 'ES256',
  key: { thumbprint: 'k', load: () => ({ type: 'public' }) },
} as CheckedHeader

const textOf = (header: object): string => Buffer.from(JSON.stringify(header)).toString('base64url')

function open() {
  const headers = createProofHeaders({ now: () => 1_900_000_000_000 })
  return {
    ...headers,
    parse(text: string): JsonObject {
      const read = headers.read(text, 8)
      if ('problem' in read) throw new Error(read.problem)
      return read.value
    },
  }
}

test('a header is found again by its text once it was kept, and not before', () => {
  const { parse, find, keep } = open()
  const text = textOf({ typ: 'dpop+jwt', alg: 'ES256', jwk: { kty: 'EC' } })
  const first = parse(text)
  expect(find(first)).toBeUndefined()
  expect(find(parse(text))).toBeUndefined()
  keep(`${text}.e30.AA`, first, CHECKED)
  expect(find(parse(text))).toBe(CHECKED)
})

test('a header that differs in one character is another one, and so is an equal object', () => {
  const { parse, find, keep } = open()
  const header = { typ: 'dpop+jwt', alg: 'ES256' }
  const text = textOf(header)
  keep(`${text}.e30.AA`, parse(text), CHECKED)
  expect(find(parse(textOf({ ...header, alg: 'ES384' })))).toBeUndefined()
  expect(find(parse(textOf({ alg: 'ES256', typ: 'dpop+jwt' })))).toBeUndefined()
  expect(find(header)).toBeUndefined()
})

test('the number of headers is bounded: the one that was used longest ago is dropped first', () => {
  const { parse, find, keep } = open()
  const texts = Array.from({ length: 1_025 }, (_, at) => textOf({ at }))
  for (const text of texts) keep(`${text}.e30.AA`, parse(text), CHECKED)
  expect(find(parse(texts[0]!))).toBeUndefined()
  expect(find(parse(texts[1]!))).toBe(CHECKED)
  expect(find(parse(texts[1_024]!))).toBe(CHECKED)
})

test('their memory is bounded: long headers leave room for fewer', () => {
  const { parse, find, keep } = open()
  const texts = Array.from({ length: 512 }, (_, at) => textOf({ at, long: 'x'.repeat(2_900) }))
  for (const text of texts) keep(`${text}.e30.AA`, parse(text), CHECKED)
  const kept = texts.filter((text) => find(parse(text)) !== undefined)
  expect(kept.length).toBeGreaterThan(0)
  expect(kept.length * texts[0]!.length * 4).toBeLessThanOrEqual(2_097_152)
})

test('no header is kept of a text that cannot be read', () => {
  expect(open().read(textOf([]), 8)).toHaveProperty('problem')
})
