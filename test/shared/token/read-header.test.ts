// Headers that an authorizer caches: a cached header equals the parsed one, within the limits of every reader.

import { describe, expect, test } from 'vitest'
import { parseToken, type ParsedToken } from '../../../shared/token/compact.ts'
import { createHeaderReader } from '../../../shared/token/read-header.ts'

describe('a header that was read before', () => {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const createRead = () => {
    const readHeader = createHeaderReader()
    return (header: unknown, maxJsonDepth = 8) =>
      parseToken(
        `${encode(header)}.${encode({ sub: 's' })}.AAAA`,
        { maxTokenBytes: 4096, maxJsonDepth },
        null,
        readHeader,
      )
  }
  const read = createRead()

  test('is equal, and cannot be changed', () => {
    const [first, second] = [read({ alg: 'ES256', kid: 'a' }), read({ alg: 'ES256', kid: 'a' })]
    expect(second).toEqual(first)
    const { header } = first as ParsedToken
    expect(() => Object.assign(header, { alg: 'none' })).toThrow(TypeError)
    expect(read({ alg: 'ES256', kid: 'a' })).toMatchObject({ header: { alg: 'ES256', kid: 'a' } })
    expect(read({ alg: 'ES256', kid: 'b' })).toMatchObject({ header: { alg: 'ES256', kid: 'b' } })
  })

  test('is checked against the limits of each reader', () => {
    const nested = { alg: 'ES256', epk: { a: { b: {} } } }
    expect(read(nested, 4)).toMatchObject({ header: nested })
    expect(read(nested, 3)).toMatchObject({ code: 'token_malformed', detail: { problem: 'too_deep' } })
  })

  test('is dropped if there are many, and read again', () => {
    for (let serial = 0; serial < 200; serial++)
      expect(read({ alg: 'ES256', kid: `k${serial % 70}` })).toMatchObject({
        header: { kid: `k${serial % 70}` },
      })
  })

  test('is cached by one authorizer, and shared with no other', () => {
    const headerOf = (token: ReturnType<typeof read>) => (token as ParsedToken).header
    const header = { alg: 'ES256', kid: 'c' }
    expect(headerOf(read(header))).toBe(headerOf(read(header)))
    expect(headerOf(createRead()(header))).not.toBe(headerOf(read(header)))
  })
})
