import { describe, expect, test } from 'vitest'
import { createEntryKeys } from '../../../shared/revocation/entry-keys.ts'
import { namesOf, revocableText, toRevocable } from '../../../shared/revocation/revocable.ts'
import { webCrypto } from '../../../shared/index.ts'
import { nodeCryptoSync } from '../../../functions/node/crypto.ts'
import { PROFILES } from '../../../shared/token/profiles.ts'

const keys = createEntryKeys(webCrypto)
const of = (profile: keyof typeof PROFILES, principal = 'sub') => ({ profile: PROFILES[profile], principal })

const namesAsText = (claims: Record<string, unknown>, issuer: Parameters<typeof namesOf>[1]) =>
  namesOf(claims, issuer).map(({ kind, id }) => (id === '' ? kind : `${kind}=${id}`))

describe('the names of a token', () => {
  test('a token of RFC 9068 with every claim', () => {
    const claims = {
      ...{ jti: 'j', sub: 's', client_id: 'c', sid: 'x', tid: 't' },
      cnf: { jkt: 'k', 'x5t#S256': 'x5' },
    }
    expect(namesAsText(claims, of('rfc9068'))).toEqual([
      ...['issuer', 'jti=j', 'sub=s', 'client=c', 'key=k', 'key=x5'],
    ])
  })

  test.each([
    ['keycloak', { sid: 'x', sub: 's', azp: 'c', jti: 'j' }, ['jti=j', 'sid=x', 'sub=s', 'client=c']],
    ['cognito', { origin_jti: 'x', client_id: 'c', jti: 'j' }, ['jti=j', 'sid=x', 'client=c']],
    ['pingfederate', { 'pi.sri': 'x', client_id: 'c' }, ['sid=x', 'client=c']],
    ['okta', { sub: 's', uid: 'u', cid: 'c', jti: 'j' }, ['jti=j', 'sub=s', 'client=c']],
    [
      'entra-v2',
      { uti: 'j', sid: 'x', sub: 's', oid: 'o', azp: 'c', tid: 't', jti: 'other' },
      ['jti=j', 'sid=x', 'sub=s', 'client=c', 'tenant=t'],
    ],
    ['auth0-token-profile', { sub: 's', azp: 'c', jti: 'j' }, ['jti=j', 'sub=s', 'client=c']],
  ] as const)('%s', (profile, claims, names) => {
    expect(namesAsText(claims, of(profile))).toEqual(['issuer', ...names])
  })

  test('the claim that identifies the user, and sub', () => {
    expect(namesAsText({ sub: 's', oid: 'o' }, of('rfc9068', 'oid'))).toEqual(['issuer', 'sub=s', 'sub=o'])
  })

  test('numbers count as their text; lists, objects and empty strings count as nothing', () => {
    expect(namesAsText({ sub: 7, jti: ['j'], client_id: '', cnf: 'x' }, of('rfc9068'))).toEqual([
      'issuer',
      'sub=7',
    ])
  })

  test('inherited members are no claims', () => {
    expect(namesAsText(Object.create({ sub: 's' }) as never, of('rfc9068'))).toEqual(['issuer'])
  })
})

describe('the text that identifies a token', () => {
  test('of a JWT everything but the signature', () => {
    expect(revocableText('eyJhbGciOiJFUzI1NiJ9.e30.c2ln')).toBe('eyJhbGciOiJFUzI1NiJ9.e30')
  })

  test.each(['opaque', 'op.a.b', 'op_1.2', ''])('of %j all of it', (token) => {
    expect(revocableText(token)).toBe(token)
  })
})

describe('keys', () => {
  const issuer = { ...of('rfc9068'), issuer: 'https://issuer.example' }

  test('the same on every platform', () => {
    const key = (crypto: typeof webCrypto) =>
      Buffer.from(createEntryKeys(crypto).keyOf('sub', 'https://issuer.example', 'é')).toString('base64url')
    expect(key(nodeCryptoSync)).toEqual(key(webCrypto))
    expect(key(webCrypto)).toBe(KEY_OF_E)
  })

  test('differ by kind, issuer and id', () => {
    const texts = [
      keys.keyOf('sub', 'https://a', 'x'),
      keys.keyOf('sid', 'https://a', 'x'),
      keys.keyOf('sub', 'https://b', 'x'),
      keys.keyOf('sub', 'https://a', 'y'),
      keys.keyOf('sub', 'https://a', ''),
    ].map(String)
    expect(new Set(texts).size).toBe(texts.length)
  })

  test('one for each name, and for the token', () => {
    const token = 'eyJhbGciOiJFUzI1NiJ9.e30.c2ln'
    const { kinds, keys: found, iat } = toRevocable(token, { jti: 'j', iat: 5.5 }, issuer, keys)
    expect(kinds).toEqual(['token', 'issuer', 'jti'])
    expect(found[0]).toEqual(keys.keyOf('token', issuer.issuer, keys.digestOf('eyJhbGciOiJFUzI1NiJ9.e30')))
    expect(iat).toBe(5.5)
    const other = toRevocable('eyJhbGciOiJFUzI1NiJ9.e30.bWFs', { jti: 'j', iat: 'x' }, issuer, keys)
    expect(other.keys[0]).toEqual(found[0])
    expect(other.iat).toBeNull()
  })
})

/** A store outlives the version that wrote to it: a change of this value needs a migration. */
const KEY_OF_E = 'vbDuRDtSo7QyiY3lfLWyMj_uEgPWBeSo6sOWpL0SEDk'
