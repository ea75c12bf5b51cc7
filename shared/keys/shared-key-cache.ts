// Key sets that instances pass on to each other, where the platform has a cache for them. What comes from the cache is
// read as strictly as what an issuer publishes. An error of the cache is as if it were empty.

import type { CachedKeys, KeyCache, Ports } from '../platform/ports.ts'
import { FRESHNESS } from './freshness.ts'
import { MAX_KEYS, type PublicKeyIssuer } from './key-endpoint.ts'
import { readKeySet, type KeySet } from './key-set.ts'

/** How long the cache is waited for, in milliseconds. A fetch from the issuer takes longer. */
export const CACHE_WAIT_MS = 250

export interface SharedKeySet {
  readonly keySet: KeySet
  /** When another instance fetched it: a key lives no longer for having been passed on. Milliseconds since the epoch. */
  readonly fetchedAt: number
}

/**
 * The name of an issuer's key set in the cache: where it is fetched from and for which issuer, so that an instance finds
 * only what it would fetch itself.
 */
const cacheName = ({ issuer, keys }: PublicKeyIssuer): string => JSON.stringify([issuer, keys.source])

/** The key set that another instance has published; `null`: none, or none that is of use. Never throws. */
export async function loadFromSharedCache(
  cache: KeyCache,
  issuer: PublicKeyIssuer,
  ports: Ports,
): Promise<SharedKeySet | null> {
  try {
    const cached = await cache.read(cacheName(issuer))
    if (!Array.isArray(cached?.keys) || cached.keys.length > MAX_KEYS) return null
    const { keys, fetchedAt } = cached
    const age = ports.now() - fetchedAt
    if (!(age >= 0 && age < FRESHNESS.staleWhileRevalidateMs)) return null
    const keySet = await readKeySet(keys, issuer.keys.algorithms, ports.crypto)
    return keySet.keys.length === 0 ? null : { keySet, fetchedAt }
  } catch {
    return null
  }
}

/** Publishes what was fetched to other instances. Never throws. */
export async function publishToSharedCache(
  cache: KeyCache,
  issuer: PublicKeyIssuer,
  published: CachedKeys,
): Promise<void> {
  try {
    await cache.write(cacheName(issuer), published)
  } catch {
    // The next instance fetches the keys itself.
  }
}
