// Key sets in the Cache API of the data centre, so that a new isolate need not ask the issuer. Only public keys are
// kept, under a name that no request to the zone can have. The core looks at what comes back
// as it does at what an issuer publishes.

import type { CachedKeys, KeyCache } from '../../shared/index.ts'

/** The part of the Cache API that is used. */
export interface CacheStorageLike {
  open(name: string): Promise<{
    match(url: string): Promise<Response | undefined>
    put(url: string, response: Response): Promise<void>
  }>
}

const CACHE = 'lanekeeper-keys'
const MAX_AGE_SECONDS = 600

/** A reserved top-level name (RFC 2606 section 2): nothing is ever fetched from there. */
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
