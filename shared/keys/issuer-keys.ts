// What verifies the tokens of each configured issuer: its public keys or its shared secret. One store for each entry of
// the configuration: its tenants share the keys, other issuers never do.

import type { ResolvedConfig, ResolvedIssuer } from '../config/config.ts'
import type { Failure } from '../failures/failure.ts'
import type { Deadline } from '../platform/deadline.ts'
import type { Ports } from '../platform/ports.ts'
import type { MacAlgorithm } from '../token/algorithms.ts'
import type { ParsedToken } from '../token/compact.ts'
import { member } from '../token/strict-json.ts'
import type { Proof } from '../token/verified-token-cache.ts'
import type { KeyStore } from './key-store.ts'
import { createPublicKeys } from './public-keys.ts'
import { createSharedSecret, type SharedSecret } from './shared-secret.ts'
import { JWS_STEPS, verifyJws } from './verify-jws.ts'

export interface IssuerKeys {
  storeOf(issuer: ResolvedIssuer): KeyStore
  /**
   * The proof that the issuer signed a token; `null` if its shared secret verified it. HEADER_RULES must have passed.
   */
  verify(
    token: ParsedToken,
    issuer: ResolvedIssuer,
    deadline: Deadline,
  ): Failure | Promise<Proof | Failure | null>
}

/** @internal What verifying needs. Tests replace one at a time. */
export const KEY_STEPS = {
  ...JWS_STEPS,
  createKeyStore: createPublicKeys,
  createSharedSecret,
}

/** @internal */
export function createIssuerKeys(config: ResolvedConfig, ports: Ports, steps: typeof KEY_STEPS): IssuerKeys {
  const stores = new Map<string, KeyStore>()
  const sharedSecrets = new Map<string, SharedSecret>()
  for (const issuer of config.issuers.values()) {
    const { name, keys } = issuer
    if (stores.has(name)) continue
    stores.set(name, steps.createKeyStore(issuer, ports))
    if (keys.secret !== undefined) sharedSecrets.set(name, steps.createSharedSecret(name, keys, ports))
  }
  const storeOf = ({ name }: ResolvedIssuer): KeyStore => stores.get(name)!

  return {
    storeOf,
    verify(token, issuer, deadline) {
      const sharedSecret = sharedSecrets.get(issuer.name)
      if (sharedSecret === undefined)
        return verifyJws(token, issuer, storeOf(issuer), ports.crypto, deadline, steps)
      const algorithm = member(token.header, 'alg') as MacAlgorithm
      return (
        steps.checkAlgorithm(issuer, algorithm) ??
        deadline.race(sharedSecret.verify(token, algorithm, deadline.waitUntil))
      )
    },
  }
}
