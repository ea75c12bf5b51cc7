// What verifies the tokens of each configured issuer: its public keys or its shared secret. One store for each entry of
// the configuration: its tenants share the keys, other issuers never do.

import type { CoreConfig, ResolvedIssuer } from '../config/config.ts'
import { failure, type Failure } from '../failures/failure.ts'
import type { Deadline } from '../platform/deadline.ts'
import type { Ports } from '../platform/ports.ts'
import type { MacAlgorithm } from '../token/algorithms.ts'
import type { ParsedToken } from '../token/compact.ts'
import { member } from '../token/strict-json.ts'
import type { Proof } from '../token/verified-token-cache.ts'
import type { WithBundledKeys } from './bundled-key-store.ts'
import type { CreateKeyStore, KeyStore } from './key-store.ts'
import type { KeyType } from './key-types/key-type.ts'
import type { SHARED_KEYS } from './shared-key-cache.ts'
import type { CreateSharedSecret, SharedSecret } from './shared-secret.ts'
import { JWS_STEPS, verifyJws } from './verify-jws.ts'

export interface IssuerKeys {
  /** Loads the published keys of every issuer that has none in the plan. Never rejects. */
  prepare(): Promise<unknown>
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

/** The slots for keys. */
export interface KeyParts {
  /** The types of keys whose algorithms some issuer may use. */
  readonly keyTypes: readonly KeyType[]
  /** For `keys.discovery`, `keys.jwks_uri` and `keys.jwks`. */
  readonly publishedKeys?: CreateKeyStore
  /** For platforms with a cache that instances share. Without it `ports.keyCache` is not used. */
  readonly sharedKeys?: typeof SHARED_KEYS
  /** For `keys.jwksSecret`. */
  readonly storedKeys?: CreateKeyStore
  /** For `keys.secret`. */
  readonly sharedSecret?: CreateSharedSecret
  /** For `keys.bundled`. */
  readonly bundledKeys?: WithBundledKeys
}

/** The store of an issuer with a shared secret. */
const NO_PUBLIC_KEYS: KeyStore = {
  find: async () => failure('key_unknown'),
  findNewer: async () => ({ keys: [], lease: null }),
  retryAfterSeconds: () => 1,
}

/** The store of an issuer without keys, all of whose tokens are introspected. */
const NO_KEYS: KeyStore = {
  ...NO_PUBLIC_KEYS,
  find: async () => failure('keys_unavailable', { problem: 'no_usable_key' }),
}

function createStore(issuer: ResolvedIssuer, config: CoreConfig, ports: Ports, parts: KeyParts): KeyStore {
  const { keys } = issuer
  if (keys.secret !== undefined) return NO_PUBLIC_KEYS
  if (keys.source.jwks?.keys.length === 0) return NO_KEYS
  const create = keys.source.jwksSecret === undefined ? parts.publishedKeys : parts.storedKeys
  const store = create!(
    { ...issuer, keys },
    { ...ports, keyTypes: parts.keyTypes, sharedKeys: parts.sharedKeys },
  )
  return parts.bundledKeys?.(store, { ...issuer, keys }, config, ports) ?? store
}

/** @internal */
export function createIssuerKeys(
  config: CoreConfig,
  ports: Ports,
  parts: KeyParts,
  steps: typeof JWS_STEPS,
): IssuerKeys {
  const stores = new Map<string, KeyStore>()
  const sharedSecrets = new Map<string, SharedSecret>()
  for (const issuer of config.issuers.values()) {
    const { name, keys } = issuer
    if (stores.has(name)) continue
    stores.set(name, createStore(issuer, config, ports, parts))
    if (keys.secret !== undefined) sharedSecrets.set(name, parts.sharedSecret!(name, keys, ports))
  }
  const storeOf = ({ name }: ResolvedIssuer): KeyStore => stores.get(name)!

  return {
    prepare: () => Promise.allSettled([...stores.values()].map((store) => store.prepare?.())),
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
