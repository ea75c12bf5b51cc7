// What a request carries for each client authentication; Basic credentials, character by character. RFC 6749 section
// 2.3.1 and appendix B; the form is that of the URL standard.

import { decodeJwt, decodeProtectedHeader, exportJWK, generateKeyPair, jwtVerify } from 'jose'
import { expect, test } from 'vitest'
import { AUTHENTICATE } from '../../../shared/introspection/client-authentication.ts'
import { authenticateWithKey } from '../../../shared/introspection/private-key-jwt.ts'

const asker = (clientId: string) => ({ clientId, issuer: 'https://as.example', now: () => 1_000_999 })

test.each([
  ['abcXYZ019', 'abcXYZ019'],
  ['a-b_c.d*e', 'a-b_c.d*e'],
  // The example of RFC 6749 appendix B.
  [' %&+\u00A3\u20AC', '+%25%26%2B%C2%A3%E2%82%AC'],
  ["~!'()", '%7E%21%27%28%29'],
  [':/=?@', '%3A%2F%3D%3F%40'],
])('%j is written as %s', async (text, written) => {
  const authenticate = await AUTHENTICATE.client_secret_basic(text, asker(text))
  const { headers } = await authenticate()
  expect(atob(headers!['authorization']!.replace('Basic ', ''))).toBe(`${written}:${written}`)
})

test('a secret in the form, and a bearer token', async () => {
  const post = await AUTHENTICATE.client_secret_post('s', asker('us'))
  expect(await post()).toEqual({ form: { client_id: 'us', client_secret: 's' } })
  const bearer = await AUTHENTICATE.bearer('b')
  expect(await bearer()).toEqual({ headers: { authorization: 'Bearer b' } })
})

test.each(['ES256', 'ES384', 'PS256', 'RS256', 'EdDSA'])('an assertion by a key for %s', async (alg) => {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  const secret = JSON.stringify({ ...(await exportJWK(privateKey)), alg, kid: 'ours' })
  const authenticate = await authenticateWithKey(secret, asker('us'))
  const [first, second] = [await authenticate(), await authenticate()]
  const { client_assertion: assertion = '', ...form } = first.form!
  expect(first.headers).toBeUndefined()
  expect(form).toEqual({
    client_id: 'us',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  })
  await jwtVerify(assertion, publicKey, { currentDate: new Date(1_000_000) })
  expect(decodeProtectedHeader(assertion)).toEqual({ alg: alg === 'EdDSA' ? 'Ed25519' : alg, kid: 'ours' })
  const { jti, ...claims } = decodeJwt(assertion)
  expect(claims).toEqual({
    ...{ iss: 'us', sub: 'us', aud: 'https://as.example' },
    ...{ iat: 1000, nbf: 1000, exp: 1060 },
  })
  expect(jti).toMatch(/^[\w-]{43}$/)
  expect(decodeJwt(second.form!['client_assertion']!).jti).not.toBe(jti)
})
