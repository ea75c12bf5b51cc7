// Which key of an issuer verifies a signature: the keys that may, tried one by one. RFC 7515 section 5.2 and appendix D.

import { failure, isFailure, type Failure } from '../failures/failure.ts'
import type { VerificationKey, WaitUntil } from '../platform/ports.ts'
import type { KeyStore } from './key-store.ts'
import type { KeyLease } from './lease.ts'
import type { KeyAnswer, KeyRequest } from './select-key.ts'

/** The key that verified a signature. */
export interface Signer {
  readonly key: VerificationKey
  readonly lease: KeyLease | null
}

/**
 * The first key of a store for which `isSigner` holds, or why there is none. Without a `kid` the store is asked for newer
 * keys once. `wait` bounds the time that the store takes where it has to fetch keys.
 */
export async function findSigner(
  store: KeyStore,
  request: KeyRequest,
  isSigner: (key: VerificationKey) => boolean | Promise<boolean>,
  waitUntil: WaitUntil | undefined,
  wait: (answer: Promise<KeyAnswer>) => Promise<KeyAnswer> = (answer) => answer,
): Promise<Signer | Failure> {
  const answer = store.find(request, waitUntil)
  let found = answer instanceof Promise ? await wait(answer) : answer
  for (let isNewer = false; !isFailure(found); isNewer = true) {
    const { keys, lease } = found
    for (const key of keys) if (await isSigner(key)) return { key, lease }
    if (isNewer || request.kid !== null) return failure('signature_invalid')
    found = await wait(store.findNewer(keys, request, waitUntil))
  }
  return found
}
