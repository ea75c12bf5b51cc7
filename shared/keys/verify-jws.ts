// Whether an issuer signed a JWS: with an algorithm of the issuer's list and by a key that the issuer publishes. The
// keys that may have signed it are tried one by one. RFC 7515 section 5.2 and appendix D; RFC 8725 section 3.1.

import type { ResolvedIssuer } from '../config/config.ts'
import { failure, isFailure, type Failure } from '../failures/failure.ts'
import type { Cryptography, WaitUntil } from '../platform/ports.ts'
import type { SignatureAlgorithm } from '../token/algorithms.ts'
import type { ParsedToken } from '../token/compact.ts'
import { verifySignature } from '../token/signature.ts'
import { member } from '../token/strict-json.ts'
import type { Proof } from '../token/verified-token-cache.ts'
import type { KeyStore } from './key-store.ts'
import type { KeyAnswer, KeyRequest } from './select-key.ts'

function checkAlgorithm({ keys }: ResolvedIssuer, algorithm: string): Failure | null {
  const allowed: ReadonlySet<string> = keys.algorithms
  return allowed.has(algorithm) ? null : failure('alg_not_allowed')
}

/** @internal What verifying a JWS needs. Tests replace one at a time. */
export const JWS_STEPS = { checkAlgorithm, verifySignature }

/** How to wait for the key store while it fetches keys: without `race`, for as long as it takes. */
export interface Waiting {
  readonly waitUntil: WaitUntil | undefined
  race?(answer: Promise<KeyAnswer>): Promise<KeyAnswer>
}

/**
 * @internal The key of `store` that verified a JWS, or why there is none. HEADER_RULES must have passed. For a JWS
 * without a `kid` that no key verifies, and for one that no bundled key verifies, it asks the store for newer keys once.
 */
export async function verifyJws(
  jws: ParsedToken,
  issuer: ResolvedIssuer,
  store: KeyStore,
  crypto: Cryptography,
  { waitUntil, race = (answer) => answer }: Waiting,
  steps: typeof JWS_STEPS = JWS_STEPS,
): Promise<Proof | Failure> {
  const algorithm = member(jws.header, 'alg') as SignatureAlgorithm
  const disallowed = steps.checkAlgorithm(issuer, algorithm)
  if (disallowed !== null) return disallowed
  const kid = (member(jws.header, 'kid') as string | undefined) ?? null
  const request: KeyRequest = { kid, algorithm, owner: issuer.keyOwner }
  const answer = store.find(request, waitUntil)
  let found = answer instanceof Promise ? await race(answer) : answer
  for (let isNewer = false; !isFailure(found); isNewer = true) {
    const { keys, lease, isBundled } = found
    for (const key of keys)
      if (await steps.verifySignature(jws, algorithm, key, crypto)) return { request, key, store, lease }
    if (isNewer || (kid !== null && isBundled !== true)) return failure('signature_invalid')
    found = await race(store.findNewer(keys, request, waitUntil))
  }
  return found
}
