// A JWT in a text: it is found whatever is around it, and a name with dots is not taken for one.

import { describe, expect, test } from 'vitest'
import { hasJwt } from '../../../shared/token/jwt-shape.ts'

const part = (text: string): string => Buffer.from(text).toString('base64url')

const CLAIMS = part('{"sub":"alice"}')
const JWT = `${part('{"alg":"RS256","typ":"at+jwt"}')}.${CLAIMS}.c2lnbmF0dXJl`

describe('a JWT is found', () => {
  test.each([
    '',
    ' ',
    '(',
    '<',
    '[',
    '"',
    "'",
    '`',
    ',',
    ';',
    '=',
    '/',
    '#',
    '|',
    '+',
    '%20',
    '_',
    '-',
    'x',
    '.',
    '\n',
  ])('after %j', (before) => {
    for (const begin of [before, `Bearer${before}`, `see log${before}`]) {
      expect(hasJwt(`${begin}${JWT}`)).toBe(true)
      expect(hasJwt(`${begin}${JWT})`)).toBe(true)
      expect(hasJwt(`${begin}${JWT.replaceAll('.', ' ')}`)).toBe(false)
    }
  })

  test.each([
    ['a header with white space', `${part('{\n  "alg": "none"\n}')}.${CLAIMS}.`],
    ['a header with a space', `${part('{ "alg":"none"}')}.${CLAIMS}.`],
    ['the shortest header', `${part('{"alg":""}')}.${CLAIMS}.`],
    ['no claims', `${part('{"alg":"none"}')}..c2ln`],
    ['five parts', `${part('{"enc":"A256GCM"}')}..aXY.dGV4dA.dGFn`],
    ['four parts', `${JWT}.x`],
    ['a JWT after a name with dots', `api.example.com.${JWT}`],
  ])('with %s', (_, text) => {
    expect(hasJwt(text)).toBe(true)
  })
})

describe('no JWT is found in', () => {
  test.each([
    '',
    'alice',
    'see a.b.c',
    'https://api-gateway.example.com/path',
    'example-service.eu.example.com',
    'keyLoaderService.acme.production',
    'eyeglasses-shop.example.com',
    'eyJhbGciOiJSUzI1NiJ9',
    'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhIn0',
    'the end of it...',
    `${part('["alg","RS256"]')}.${CLAIMS}.c2ln`,
  ])('%s', (text) => {
    expect(hasJwt(text)).toBe(false)
  })
})
