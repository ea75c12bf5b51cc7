// What verifies the tokens of each configured issuer: its public keys or its shared secret. One store for each entry of
// the configuration: its tenants share the keys, other issuers never do.

import type { ResolvedConfig, ResolvedIssuer } from '../config/config.ts'
import { failure, isFailure, type Failure } from '../failures/failure.ts'
import type { Deadline } from '../platform/deadline.ts'
import type { Ports, VerificationKey } from '../platform/ports.ts'
import type { MacAlgorithm, SignatureAlgorithm } from '../token/algorithms.ts'
import type { ParsedToken } from '../token/compact.ts'
import { verifySignature } from '../token/signature.ts'
import { member } from '../token/strict-json.ts'
import type { Proof } from '../token/verified-token-cache.ts'
import type { KeyRequest } from './select-key.ts'
import { findSigner } from './verify-jws.ts'
import type { KeyStore } from './key-store.ts'
import { createPublicKeys } from './public-keys.ts'
import { createSharedSecret, type SharedSecret } from './shared-secret.ts'

export interface IssuerKeys {
  storeOf(issuer: ResolvedIssuer): KeyStore
  /** The proof that the issuer signed a token; `null`: made with its shared secret. Its header has been checked. */
  verify(token: ParsedToken, issuer: ResolvedIssuer, deadline: Deadline): Promise<Proof | Failure | null>
}

export function checkAlgorithm({ keys }: ResolvedIssuer, algorithm: string): Failure | null {
  const allowed: ReadonlySet<string> = keys.algorithms
  return allowed.has(algorithm) ? null : failure('alg_not_allowed')
}

/** @internal What verifying needs. Tests replace one at a time. */
export const KEY_STEPS = {
  checkAlgorithm,
  createKeyStore: createPublicKeys,
  createSharedSecret,
  verifySignature,
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
    async verify(token, issuer, deadline) {
      const alg = member(token.header, 'alg') as SignatureAlgorithm | MacAlgorithm
      const disallowed = steps.checkAlgorithm(issuer, alg)
      if (disallowed !== null) return disallowed
      const sharedSecret = sharedSecrets.get(issuer.name)
      if (sharedSecret !== undefined)
        return deadline.race(sharedSecret.verify(token, alg as MacAlgorithm, deadline.waitUntil))
      const algorithm = alg as SignatureAlgorithm
      const kid = (member(token.header, 'kid') as string | undefined) ?? null
      const request: KeyRequest = { kid, algorithm, owner: issuer.keyOwner }
      const store = storeOf(issuer)
      const isSigner = (key: VerificationKey) => steps.verifySignature(token, algorithm, key, ports.crypto)
      const signer = await findSigner(store, request, isSigner, deadline.waitUntil, deadline.race)
      return isFailure(signer) ? signer : { request, key: signer.key, store, lease: signer.lease }
    },
  }
}
