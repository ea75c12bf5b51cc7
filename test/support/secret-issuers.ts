// Issuers without a server: one shares a long secret with us, one a short one for HS256 alone, and one has its key set
// behind a secret reference, with entries in it that should not be there.

import { createHmac, randomBytes } from 'node:crypto'
import type { KeyedIssuerConfig, LanekeeperConfig } from '../../shared/index.ts'
import { generateKey, type Members, type SigningKey } from './test-issuer.ts'

export const SHARING = 'https://sharing.test.example'
/** Uses the characters of its secret as the MAC key, as Auth0 does. */
export const WRITTEN = 'https://written.test.example'
export const NARROW = 'https://narrow.test.example'
export const STORED = 'https://stored.test.example'

const HASH = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' } as const
export type TestMac = keyof typeof HASH

const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url')

/** A compact JWS with a MAC. `header` may override `alg`. */
export function macCompact(
  secret: Uint8Array | string,
  alg: TestMac,
  header: Members,
  claims: Members,
): string {
  const input = `${encode({ alg, ...header })}.${encode(claims)}`
  return `${input}.${createHmac(HASH[alg], secret).update(input).digest('base64url')}`
}

export interface SecretIssuers {
  /** 64 bytes of the sharing issuer, 32 of the narrow one, 32 that are a JWK in the stored set; 64 characters. */
  readonly secrets: Readonly<Record<'sharing' | 'narrow' | 'stored' | 'written', Buffer>>
  /** ES256, in the stored set, like `storedNext`; `privateOne` is in it with its private part. */
  readonly stored: SigningKey
  readonly storedNext: SigningKey
  readonly privateOne: SigningKey
  readonly configs: LanekeeperConfig['issuers']
  readonly env: Readonly<Record<string, string>>
}

export async function createSecretIssuers(audience: string): Promise<SecretIssuers> {
  const secrets = {
    sharing: randomBytes(64),
    narrow: randomBytes(32),
    stored: randomBytes(32),
    written: Buffer.from(randomBytes(48).toString('base64url')),
  }
  const [stored, storedNext, privateOne] = (await Promise.all(
    ['stored', 'stored-next', 'private'].map((kid) => generateKey('ES256', kid)),
  )) as [SigningKey, SigningKey, SigningKey]
  const privateJwk = await crypto.subtle.exportKey('jwk', privateOne.privateKey)
  const base = { audience, profile: 'rfc9068', clockToleranceSeconds: 5 } as const
  const shared = (issuer: string, env: string): Extract<KeyedIssuerConfig, { keys: { secret: object } }> => ({
    ...base,
    issuer,
    keys: { secret: { env } },
    algorithms: ['HS256'],
  })
  return {
    secrets,
    stored,
    storedNext,
    privateOne,
    configs: {
      sharing: { ...shared(SHARING, 'SHARING_SECRET'), algorithms: ['HS256', 'HS384', 'HS512'] },
      narrow: shared(NARROW, 'NARROW_SECRET'),
      written: {
        ...shared(WRITTEN, 'WRITTEN_SECRET'),
        keys: { secret: { env: 'WRITTEN_SECRET' }, encoding: 'text' },
        algorithms: ['HS256', 'HS384', 'HS512'],
      },
      stored: {
        ...base,
        issuer: STORED,
        keys: { jwksSecret: { env: 'STORED_JWKS' } },
        algorithms: ['ES256', 'RS256'],
      },
    },
    env: {
      SHARING_SECRET: secrets.sharing.toString('base64url'),
      WRITTEN_SECRET: secrets.written.toString(),
      NARROW_SECRET: secrets.narrow.toString('base64url'),
      STORED_JWKS: JSON.stringify({
        keys: [
          stored.publicJwk,
          storedNext.publicJwk,
          {
            kty: privateJwk.kty,
            crv: privateJwk.crv,
            x: privateJwk.x,
            y: privateJwk.y,
            d: privateJwk.d,
            kid: 'private',
          },
          { kty: 'oct', k: secrets.stored.toString('base64url'), kid: 'symmetric', alg: 'HS256' },
        ],
      }),
    },
  }
}
