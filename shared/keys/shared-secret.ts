// The secret that an issuer without public keys signs with: HMAC alone, never a key from a JWK. After a rotation the
// previous value still verifies for a stated time. If the secret cannot be loaded, the operator is to blame, and the
// token is not called invalid. RFC 7518 section 3.2; RFC 8725 sections 3.1 and 3.5.

import type { ResolvedSharedSecret, SecretEncoding } from '../config/config.ts'
import { failure, isFailure, type Failure } from '../failures/failure.ts'
import type { Ports, WaitUntil } from '../platform/ports.ts'
import type { SecretUse } from '../secrets/secret-ref.ts'
import { createSecret } from '../secrets/secret.ts'
import type { MacAlgorithm } from '../token/algorithms.ts'
import { decodeBase64url } from '../token/base64url.ts'
import type { ParsedToken } from '../token/compact.ts'
import { verifyMac } from '../token/mac.ts'

export interface SharedSecret {
  /** Why the token was not made with the secret, or `null`. */
  verify(token: ParsedToken, algorithm: MacAlgorithm, waitUntil?: WaitUntil): Promise<Failure | null>
}

/** The use of the secret, which decides its minimum length: that of the longest hash. */
export const macSecretUse = ({
  algorithms,
  encoding,
}: Pick<ResolvedSharedSecret, 'algorithms' | 'encoding'>): SecretUse => {
  const [longest = 'HS256'] = [...algorithms].toSorted().toReversed()
  return `${longest}_${encoding === 'text' ? 'text' : 'secret'}`
}

/** The bytes of a secret. The configuration says how its text is read; nothing is guessed. */
const BYTES: Readonly<Record<SecretEncoding, (value: string) => Uint8Array<ArrayBuffer>>> = {
  base64url: decodeBase64url,
  text: (value) => new TextEncoder().encode(value),
}

/** `name`: of the issuer, in the configuration. */
export type CreateSharedSecret = (name: string, keys: ResolvedSharedSecret, ports: Ports) => SharedSecret

export const createSharedSecret: CreateSharedSecret = (name, keys, ports) => {
  const secret = createSecret(`issuers.${name}.keys.secret`, keys.secret, macSecretUse(keys), ports)
  const bytesOf = BYTES[keys.encoding]

  async function isMadeWith(values: readonly string[], token: ParsedToken, algorithm: MacAlgorithm) {
    for (const value of values) if (await verifyMac(token, algorithm, bytesOf(value))) return true
    return false
  }

  return {
    async verify(token, algorithm, waitUntil) {
      // The only secret has no name, so a `kid` names no key.
      if (Object.hasOwn(token.header, 'kid')) return failure('key_unknown')
      const values = await secret.trusted(waitUntil)
      if (isFailure(values)) return values
      if (await isMadeWith(values, token, algorithm)) return null
      const renewed = await secret.renewed(waitUntil)
      if (isFailure(renewed)) return renewed
      const untried = renewed.filter((value) => !values.includes(value))
      return (await isMadeWith(untried, token, algorithm)) ? null : failure('signature_invalid')
    },
  }
}
