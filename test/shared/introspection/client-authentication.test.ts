// Basic credentials, character by character. RFC 6749 section 2.3.1 and appendix B; the form is that of the URL standard.

import { expect, test } from 'vitest'
import { AUTHENTICATE } from '../../../shared/introspection/client-authentication.ts'

test.each([
  ['abcXYZ019', 'abcXYZ019'],
  ['a-b_c.d*e', 'a-b_c.d*e'],
  // The example of appendix B.
  [' %&+\u00A3\u20AC', '+%25%26%2B%C2%A3%E2%82%AC'],
  ["~!'()", '%7E%21%27%28%29'],
  [':/=?@', '%3A%2F%3D%3F%40'],
])('%j is written as %s', async (text, written) => {
  const headers = new Headers()
  const authenticate = await AUTHENTICATE.client_secret_basic(text, () => 0)
  await authenticate({ issuer: 'https://as.example' }, { client_id: text }, new URLSearchParams(), headers)
  expect(atob(headers.get('authorization')!.replace('Basic ', ''))).toBe(`${written}:${written}`)
})
