// The keys of an issuer whose key set is stored behind a secret reference instead of being published. They are used as
// long as any other secret (secret.ts), and the same rules hold as for published keys. Only the key set that was loaded
// last counts: a key that it no longer has verifies nothing. RFC 7517 section 5.

import { failure, isFailure, type Failure } from '../failures/failure.ts'
import { kindOfSecret } from '../secrets/secret-ref.ts'
import { SECRET_TIMES } from '../secrets/secret-times.ts'
import { createSecret } from '../secrets/secret.ts'
import { MAX_KEYS, type PublicKeyIssuer } from './key-endpoint.ts'
import { NO_KEYS, problemsOf, readKeySet, type KeySet } from './key-set.ts'
import type { KeyPorts, KeyStore } from './key-store.ts'
import { mayBeOutdated, selectKey, toKeyAnswer, withoutTried } from './select-key.ts'

/** The keys of an issuer with `jwksSecret`. A key set that cannot be used is the operator's fault. */
export function createStoredKeys(
  { name, keys: { algorithms, source } }: PublicKeyIssuer,
  ports: KeyPorts,
): KeyStore {
  const ref = source.jwksSecret!
  const reading = { allowed: algorithms, keyTypes: ports.keyTypes, crypto: ports.crypto }
  const secret = createSecret(`issuers.${name}.keys.jwksSecret`, ref, 'jwk_set', ports)
  let last: { readonly text: string; readonly set: Promise<KeySet> } | undefined

  const unusable = (problem: string): Failure =>
    failure('secret_unavailable', { secret: kindOfSecret(ref), problem })

  async function readText(text: string): Promise<KeySet> {
    const { keys } = JSON.parse(text) as { readonly keys: readonly unknown[] } // as secret-ref.ts has checked
    const set = keys.length > MAX_KEYS ? NO_KEYS : await readKeySet(keys, reading)
    ports.report({
      event: 'keys',
      outcome: set.keys.length === 0 ? 'failed' : 'refreshed',
      issuer: name,
      code: keys.length > MAX_KEYS ? 'too_many_keys' : set.keys.length === 0 ? 'no_usable_key' : 'ok',
      keys: set.keys.length,
      refused: problemsOf(set),
    })
    return set
  }

  /** The key set in the current value. Each value is read once. */
  async function read(values: readonly string[] | Failure): Promise<KeySet | Failure> {
    if (isFailure(values)) return values
    const [text = ''] = values
    if (last?.text !== text) last = { text, set: readText(text) }
    const set = await last.set
    return set.keys.length === 0 ? unusable('no_usable_key') : set
  }

  return {
    async find(request, waitUntil) {
      const set = await read(await secret.trusted(waitUntil))
      if (isFailure(set)) return set
      const choice = selectKey(set, request)
      if (!mayBeOutdated(choice, request)) return toKeyAnswer(choice)
      const renewed = await secret.renewed(waitUntil)
      if (isFailure(renewed) && 'unusable' in choice) return toKeyAnswer(choice)
      const newer = await read(renewed)
      return isFailure(newer) ? newer : toKeyAnswer(selectKey(newer, request))
    },
    async findNewer(tried, request, waitUntil) {
      const set = await read(await secret.renewed(waitUntil))
      return isFailure(set) ? set : withoutTried(toKeyAnswer(selectKey(set, request)), tried)
    },
    retryAfterSeconds: () => SECRET_TIMES.retryMs / 1000,
  }
}
