// Tokens for the soak, one after the other, all different: valid ones signed with Ed25519, and every sixteenth one
// hostile. Every token is signed, so a million takes about a minute.

import { createPrivateKey, sign, type JsonWebKey, type KeyObject } from 'node:crypto'

export const SOAK_AUDIENCE = 'https://api.soak.example'
export const SOAK_KID = 'soak'

export interface SoakToken {
  readonly text: string
  readonly valid: boolean
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

const HOSTILE_EVERY = 16

type Hostile = (about: { issuer: string; number: number; now: number; key: KeyObject }) => string

function compact(header: object, claims: object, key: KeyObject): string {
  const input = `${encode(header)}.${encode(claims)}`
  return `${input}.${sign(null, Buffer.from(input), key).toString('base64url')}`
}

const HEADER = { alg: 'EdDSA', typ: 'at+jwt', kid: SOAK_KID }

const claimsOf = (issuer: string, number: number, now: number) => ({
  iss: issuer,
  sub: `user-${number}`,
  aud: SOAK_AUDIENCE,
  client_id: 'soak',
  jti: `token-${number}`,
  iat: now - 5,
  exp: now + 3_600,
  scope: 'read',
})

const HOSTILE: readonly Hostile[] = [
  // Tampered: another subject under the same signature.
  ({ issuer, number, now, key }) => {
    const [header, , signature] = compact(HEADER, claimsOf(issuer, number, now), key).split('.')
    return `${header}.${encode({ ...claimsOf(issuer, number, now), sub: 'admin' })}.${signature}`
  },
  ({ issuer, number, now, key }) =>
    compact(HEADER, { ...claimsOf(issuer, number, now), iat: now - 7_200, exp: now - 3_600 }, key),
  ({ issuer, number, now, key }) =>
    compact({ ...HEADER, kid: `unknown-${number}` }, claimsOf(issuer, number, now), key),
  ({ issuer, number, now, key }) =>
    compact({ ...HEADER, typ: 'JWT' }, { ...claimsOf(issuer, number, now), nonce: `${number}` }, key),
  ({ number }) => `opaque-${number}`,
]

/** The next token at each call. */
export function createSoakTokens(issuer: string, privateJwk: object): () => SoakToken {
  const key = createPrivateKey({ key: privateJwk as JsonWebKey, format: 'jwk' })
  let number = 0
  return () => {
    number++
    const now = Math.floor(Date.now() / 1000)
    if (number % HOSTILE_EVERY !== 0)
      return { text: compact(HEADER, claimsOf(issuer, number, now), key), valid: true }
    const hostile = HOSTILE[(number / HOSTILE_EVERY) % HOSTILE.length]!
    return { text: hostile({ issuer, number, now, key }), valid: false }
  }
}
