// The public keys of an issuer, from the source in its configuration. An issuer with a shared secret has none.

import type { ResolvedIssuer } from '../config/config.ts'
import { failure } from '../failures/failure.ts'
import type { Ports } from '../platform/ports.ts'
import { createKeyStore, type KeyStore } from './key-store.ts'
import { createStoredKeys } from './stored-keys.ts'

const NO_PUBLIC_KEYS: KeyStore = {
  find: async () => failure('key_unknown'),
  findNewer: async () => ({ keys: [], lease: null }),
  retryAfterSeconds: () => 1,
}

export function createPublicKeys(issuer: ResolvedIssuer, ports: Ports): KeyStore {
  const { keys, name } = issuer
  if (keys.secret !== undefined) return NO_PUBLIC_KEYS
  const { jwksSecret } = keys.source
  return jwksSecret === undefined
    ? createKeyStore({ ...issuer, keys }, ports)
    : createStoredKeys(name, jwksSecret, keys, ports)
}
