// Lookups at introspection and userinfo endpoints. Most tokens need none, so their code is loaded with the first
// lookup.

import type { IntrospectedIssuer, ResolvedIssuer, ResolvedUserinfo } from '../config/config.ts'
import type { Failure } from '../failures/failure.ts'
import type { KeyStore } from '../keys/key-store.ts'
import type { Ports } from '../platform/ports.ts'
import { member } from '../token/strict-json.ts'
import type { AnswerCaches } from './cached-lookup.ts'
import type { UserinfoLookup } from '../grant/userinfo-lookup.ts'
import type { CreateMethod, LookupExtras } from './lookups.ts'
import type { TokenLookup } from './token-lookup.ts'

/** Returns the caches that all issuers share. The first call creates them. */
export type ShareCaches = (create: () => AnswerCaches) => AnswerCaches

export function createShareCaches(): ShareCaches {
  let caches: AnswerCaches | undefined
  return (create) => (caches ??= create())
}

export type CreateTokenLookup = (
  issuer: IntrospectedIssuer,
  keys: KeyStore,
  share: ShareCaches,
  ports: Ports,
  extras: LookupExtras,
) => TokenLookup

export type CreateUserinfoLookup = (
  issuer: ResolvedIssuer,
  userinfo: ResolvedUserinfo,
  share: ShareCaches,
  ports: Ports,
) => UserinfoLookup

/** Creates the lookup on first use. If its code cannot be loaded, the next lookup loads it again. */
function lazily<Loaded extends Pick<TokenLookup, 'retryAfterSeconds'>>(create: () => Promise<Loaded>) {
  let loading: Promise<Loaded> | undefined
  let loaded: Loaded | undefined

  async function start(): Promise<Loaded> {
    try {
      return (loaded = await create())
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

/** Loads the code of a method, with what an issuer needs of it. */
export type LoadMethod = (issuer: IntrospectedIssuer, extras: LookupExtras) => Promise<CreateMethod>

/** Lookups by one method, whose code `load` loads. */
export const tokenLookupBy =
  (load: LoadMethod): CreateTokenLookup =>
  (issuer, keys, share, ports, extras) => {
    const { get, retryAfterSeconds } = lazily(async () => {
      const [lookups, createMethod] = await Promise.all([import('./lookups.ts'), load(issuer, extras)])
      return lookups.createLoadedTokenLookup(
        issuer,
        keys,
        share(lookups.createAnswerCaches),
        ports,
        createMethod,
      )
    })
    return {
      retryAfterSeconds,
      find: async (token, waitUntil) => (await get()).find(token, waitUntil),
    }
  }

export const createUserinfoLookup: CreateUserinfoLookup = (issuer, userinfo, share, ports) => {
  const { get, retryAfterSeconds } = lazily(async () => {
    const lookups = await import('./userinfo.ts')
    return lookups.createLoadedUserinfoLookup(issuer, userinfo, share(lookups.createAnswerCaches), ports)
  })
  return {
    retryAfterSeconds,
    identify: (claims, token, waitUntil) =>
      member(claims, userinfo.claim) !== undefined
        ? { claims }
        : get().then((lookup) => lookup.identify(claims, token, waitUntil)),
  }
}
