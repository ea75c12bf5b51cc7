// The tokens of the drill. Each names a user, a client and a session of its own, so that a revocation of one is of no
// other. They were issued long ago and expire late, so that a clock that is set forward or back refuses none.

import { createPrivateKey, sign, type JsonWebKey } from 'node:crypto'
import type { RevocationRequest } from '../../../shared/edge.ts'
import { AUDIENCE } from './config.ts'

export const KID = 'drill'

/** The kinds by which tokens are revoked here. */
export const KINDS = ['jti', 'sub', 'client', 'sid'] as const
export type Kind = (typeof KINDS)[number]

export interface Token {
  readonly text: string
  readonly number: number
  /** When it was issued, in seconds. */
  readonly iat: number
}

const AGE_SECONDS = 7_200
const LIFETIME_SECONDS = 80_000

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** The next token at each call. */
export function createTokens(issuer: string, privateJwk: object): () => Token {
  const key = createPrivateKey({ key: privateJwk as JsonWebKey, format: 'jwk' })
  const header = encode({ alg: 'EdDSA', typ: 'at+jwt', kid: KID })
  let number = 0
  return () => {
    number++
    const iat = Math.floor(Date.now() / 1000) - AGE_SECONDS
    const claims = {
      iss: issuer,
      aud: AUDIENCE,
      sub: `sub-${number}`,
      client_id: `client-${number}`,
      sid: `sid-${number}`,
      jti: `jti-${number}`,
      iat,
      exp: iat + LIFETIME_SECONDS,
      scope: 'read',
    }
    const input = `${header}.${encode(claims)}`
    return { number, iat, text: `${input}.${sign(null, Buffer.from(input), key).toString('base64url')}` }
  }
}

/** What revokes a token, and it alone. */
export const toRequest = (kind: Kind, { number }: Token): RevocationRequest => ({
  kind,
  id: `${kind}-${number}`,
})

/** An epoch that is too early for the token. */
export const toEarlierRequest = (kind: 'sub' | 'client', token: Token): RevocationRequest => ({
  ...toRequest(kind, token),
  before: token.iat - 3_600,
})
