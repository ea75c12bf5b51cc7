// Key sets that instances share through a cache of the platform, if it has one. A key set from the cache is read as
// strictly as one from the issuer. An error of the cache counts as an empty cache.

import type { CachedKeys, KeyCache } from '../platform/ports.ts'
import { FRESHNESS } from './freshness.ts'
import { MAX_KEYS, type PublicKeyIssuer } from './key-endpoint.ts'
import { readKeySet, type KeyReading, type KeySet } from './key-set.ts'

/** How long a request waits for the cache, in milliseconds. A fetch from the issuer takes longer. */
export const CACHE_WAIT_MS = 250

export interface SharedKeySet {
  readonly keySet: KeySet
  /**
   * When another instance fetched the keys, in milliseconds since the epoch. Sharing does not make a key last longer.
   */
  readonly fetchedAt: number
}

/**
 * The name of an issuer's key set in the cache: where it is fetched from and for which issuer, so that an instance
 * finds only what it would fetch itself.
 */
const cacheName = ({ issuer, keys }: PublicKeyIssuer): string => JSON.stringify([issuer, keys.source])

/** The key set that another instance has published; `null` if there is none that may be used. Never throws. */
export async function loadFromSharedCache(
  cache: KeyCache,
  issuer: PublicKeyIssuer,
  reading: KeyReading,
  now: () => number,
): Promise<SharedKeySet | null> {
  try {
    const cached = await cache.read(cacheName(issuer))
    if (!Array.isArray(cached?.keys) || cached.keys.length > MAX_KEYS) return null
    const { keys, fetchedAt } = cached
    const age = now() - fetchedAt
    if (!(age >= 0 && age < FRESHNESS.staleWhileRevalidateMs)) return null
    const keySet = await readKeySet(keys, reading)
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

/** What a store does with the cache of the platform. Only Workers have one. */
export const SHARED_KEYS = {
  load: loadFromSharedCache,
  publish: publishToSharedCache,
  waitMs: CACHE_WAIT_MS,
}
