// Key sets in the Cache API of the data centre, so that a new isolate does not have to fetch them from the issuer. It
// holds public keys only, under a URL that no request to the zone can have. The core checks a key set from here as it
// checks one that an issuer publishes.

import type { CachedKeys, KeyCache } from '../../shared/edge.ts'

/** The part of the Cache API that is used. */
export interface CacheStorageLike {
  open(name: string): Promise<{
    match(url: string): Promise<Response | undefined>
    put(url: string, response: Response): Promise<void>
  }>
}

const CACHE = 'lanekeeper-keys'
const MAX_AGE_SECONDS = 600

/** `.invalid` is a reserved top-level name (RFC 2606 section 2): no host has it. */
const toUrl = (name: string): string => `https://keys.invalid/${encodeURIComponent(name)}`

/** Keeps key sets for ten minutes in a cache of their own. */
export const createKeyCache = (caches: CacheStorageLike): KeyCache => ({
  async read(name) {
    const found = await (await caches.open(CACHE)).match(toUrl(name))
    return found === undefined ? null : ((await found.json()) as CachedKeys)
  },
  async write(name, cached) {
    const headers = { 'content-type': 'application/json', 'cache-control': `max-age=${MAX_AGE_SECONDS}` }
    await (await caches.open(CACHE)).put(toUrl(name), new Response(JSON.stringify(cached), { headers }))
  },
})
