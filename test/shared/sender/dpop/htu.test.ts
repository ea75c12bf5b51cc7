// The canonical form of a URL. RFC 3986 sections 6.2.2 and 6.2.3. The rows have the URLs of requests; these are the
// forms that no request of a row has.

import { describe, expect, test } from 'vitest'
import { canonicalUrl } from '../../../../shared/sender/dpop/htu.ts'

test.each([
  ['https://a.example', 'https://a.example/'],
  ['https://a.example?x', 'https://a.example/'],
  ['https://a.example#x', 'https://a.example/'],
  ['HTTPS://A.Example:443/B', 'https://a.example/B'],
  ['https://a.example:8443/b', 'https://a.example:8443/b'],
  ['https://a.example:80/b', 'https://a.example:80/b'],
  ['https://a.example:65535/', 'https://a.example:65535/'],
  ['https://a.example/%7euser/%c3%a9', 'https://a.example/~user/%C3%A9'],
  ['https://a.example/%41%2d%5a%5F', 'https://a.example/A-Z_'],
  ['https://a.example/a%2fb', 'https://a.example/a%2Fb'],
  ['https://a.example/%253a', 'https://a.example/%253a'],
  ['https://a.example/...', 'https://a.example/...'],
  ['https://a.example/a.b/.c', 'https://a.example/a.b/.c'],
  ['https://a.example/?/../', 'https://a.example/'],
  ['https://[2001:DB8::1]/x', 'https://[2001:db8::1]/x'],
  ['http://localhost:8787/x', 'http://localhost:8787/x'],
  ['http://127.0.0.1:80/x', 'http://127.0.0.1/x'],
  ['http://[::1]:8787/', 'http://[::1]:8787/'],
  ['http://LOCALHOST/', 'http://localhost/'],
])('%j is %j', (url, canonical) => {
  expect(canonicalUrl(url)).toBe(canonical)
  expect(canonicalUrl(canonical)).toBe(canonical)
})

describe('refused', () => {
  test.each([
    '',
    'https://',
    'https:///x',
    'a.example/x',
    'http://a.example/x',
    'http://localhost.evil.example/',
    'http://127.0.0.2/',
    'https://a.example:65536/',
    'https://a.example:-1/',
    'https://a.example:44 3/',
    'https://[::1',
    'https://[a.example]/',
    'https://a.example/%',
    'https://a.example/%4',
    'https://a.example/%g1',
    'https://a.example/.',
    'https://a.example/..',
    'https://a.example/a/./b',
    'https://a.example/a/%2E%2e',
    'https://a.example/a%00b'.replace('%00', '\0'),
    'https://a.example/a\r\nb',
    'https://a.example/x\n',
    'https://a.example/"x"',
    'https://a.example/<x>',
    'https://a.example/[x]',
    'https://a.example/{x}',
    'https://a.example/a|b',
    'https://a.example/x?é',
  ])('%j', (url) => {
    expect(canonicalUrl(url)).toBeNull()
  })
})

describe('where the platform shows paths decoded', () => {
  test.each([...":@!$&'()*+,;="])('the escape of %j is the character', (character) => {
    const escape = `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`
    const escaped = `https://api.example.com/a${escape}b`
    const plain = `https://api.example.com/a${character}b`
    expect(canonicalUrl(escaped, true)).toBe(plain)
    expect(canonicalUrl(plain, true)).toBe(plain)
    expect(canonicalUrl(escaped)).toBe(
      escaped
        .toUpperCase()
        .replace('HTTPS://API.EXAMPLE.COM/A', 'https://api.example.com/a')
        .replace(/B$/, 'b'),
    )
  })

  test.each(['%2F', '%3F', '%23', '%25', '%5C', '%20', '%C3%A9', '%00'])('%s stays an escape', (escape) => {
    const url = `https://api.example.com/a${escape}b`
    expect(canonicalUrl(url, true)).toBe(url)
  })
})
