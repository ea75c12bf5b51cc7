// Lookups at introspection and userinfo endpoints. Most issuers need none, so their code is loaded with the first
// lookup.

import type { IntrospectedIssuer, ResolvedIssuer, ResolvedUserinfo } from '../config/config.ts'
import type { Failure } from '../failures/failure.ts'
import type { KeyStore } from '../keys/key-store.ts'
import type { Ports } from '../platform/ports.ts'
import { member } from '../token/strict-json.ts'
import type { AnswerCaches } from './cached-lookup.ts'
import type { UserinfoLookup } from '../grant/userinfo-lookup.ts'
import type { TokenLookup } from './token-lookup.ts'

/** Returns the caches that all issuers share. The first call creates them. */
export type ShareCaches = (create: () => AnswerCaches) => AnswerCaches

export function createShareCaches(): ShareCaches {
  let caches: AnswerCaches | undefined
  return (create) => (caches ??= create())
}

/** Loads the code on first use. If that fails, the next lookup loads it again. */
function lazily<Loaded extends Pick<TokenLookup, 'retryAfterSeconds'>>(
  create: (lookups: typeof import('./lookups.ts')) => Loaded,
) {
  let loading: Promise<Loaded> | undefined
  let loaded: Loaded | undefined

  async function start(): Promise<Loaded> {
    try {
      return (loaded = create(await import('./lookups.ts')))
    } catch (error) {
      loading = undefined
      throw error
    }
  }

  return {
    get: (): Promise<Loaded> => (loading ??= start()),
    retryAfterSeconds: (failed: Failure): number => loaded?.retryAfterSeconds(failed) ?? 1,
  }
}

export function createTokenLookup(
  issuer: IntrospectedIssuer,
  keys: KeyStore,
  share: ShareCaches,
  ports: Ports,
): TokenLookup {
  const { get, retryAfterSeconds } = lazily((lookups) =>
    lookups.createLoadedTokenLookup(issuer, keys, share(lookups.createAnswerCaches), ports),
  )
  return {
    retryAfterSeconds,
    find: async (token, waitUntil) => (await get()).find(token, waitUntil),
  }
}

export function createUserinfoLookup(
  issuer: ResolvedIssuer,
  userinfo: ResolvedUserinfo,
  share: ShareCaches,
  ports: Ports,
): UserinfoLookup {
  const { get, retryAfterSeconds } = lazily((lookups) =>
    lookups.createLoadedUserinfoLookup(issuer, userinfo, share(lookups.createAnswerCaches), ports),
  )
  return {
    retryAfterSeconds,
    identify: (claims, token, waitUntil) =>
      member(claims, userinfo.claim) !== undefined
        ? { claims }
        : get().then((lookup) => lookup.identify(claims, token, waitUntil)),
  }
}
