// The keys of the local issuers: made when something needs them, in this process, and written nowhere. They end with it.
// RFC 7517, RFC 7638.

import { calculateJwkThumbprint, exportJWK, generateKeyPair, type CryptoKey, type JWK } from 'jose'
import { randomBytes } from 'node:crypto'

export interface SigningKey {
  readonly algorithm: string
  readonly kid: string
  readonly key: CryptoKey | Uint8Array
  /** `null`: a shared secret, which is published nowhere. */
  readonly publicJwk: JWK | null
}

export interface LocalKeys {
  /** The key of an issuer for an algorithm: the same whenever it is asked for. */
  signingKey(issuer: string, algorithm: string): Promise<SigningKey>
  /** Another key with the same `kid`, which is not published. */
  foreignKey(issuer: string, algorithm: string): Promise<SigningKey>
  /** The secret of an issuer that signs with HMAC, as base64url or as the characters that are the key. */
  sharedSecret(issuer: string): string
}

/** Enough for HS512. RFC 7518 section 3.2. */
const SECRET_BYTES = 64

const isMac = (algorithm: string): boolean => algorithm.startsWith('HS')

async function generate(algorithm: string): Promise<Omit<SigningKey, 'kid'> & { readonly publicJwk: JWK }> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm)
  return { algorithm, key: privateKey, publicJwk: await exportJWK(publicKey) }
}

async function generateNamed(algorithm: string): Promise<SigningKey> {
  const made = await generate(algorithm)
  const kid = await calculateJwkThumbprint(made.publicJwk)
  return { ...made, kid, publicJwk: { ...made.publicJwk, kid, alg: algorithm, use: 'sig' } }
}

/** `encodingOf`: how the secret of an issuer is written, if it has one. */
export function createLocalKeys(encodingOf: (issuer: string) => 'base64url' | 'text'): LocalKeys {
  const keys = new Map<string, Promise<SigningKey>>()
  const secrets = new Map<string, string>()

  function once(name: string, make: () => Promise<SigningKey>): Promise<SigningKey> {
    if (!keys.has(name)) keys.set(name, make())
    return keys.get(name)!
  }

  function sharedSecret(issuer: string): string {
    if (!secrets.has(issuer)) secrets.set(issuer, randomBytes(SECRET_BYTES).toString('base64url'))
    return secrets.get(issuer)!
  }

  const ofSecret = (algorithm: string, text: string, encoding: 'base64url' | 'text'): SigningKey => ({
    algorithm,
    kid: 'shared',
    key: encoding === 'text' ? Buffer.from(text) : Buffer.from(text, 'base64url'),
    publicJwk: null,
  })

  return {
    sharedSecret,
    signingKey: (issuer, algorithm) =>
      once(`${issuer} ${algorithm}`, async () =>
        isMac(algorithm)
          ? ofSecret(algorithm, sharedSecret(issuer), encodingOf(issuer))
          : generateNamed(algorithm),
      ),
    async foreignKey(issuer, algorithm) {
      const { kid } = await this.signingKey(issuer, algorithm)
      return once(`foreign ${issuer} ${algorithm}`, async () =>
        isMac(algorithm)
          ? ofSecret(algorithm, randomBytes(SECRET_BYTES).toString('base64url'), 'text')
          : { ...(await generate(algorithm)), kid },
      )
    },
  }
}
