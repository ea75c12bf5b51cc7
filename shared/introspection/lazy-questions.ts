// What there is to know about a token beside what it says itself. Of most issuers nothing is ever asked; how it is, and
// the libraries for it, are loaded only when a token has to be asked about.

import type { ResolvedIssuer } from '../config/config.ts'
import type { KeyStore } from '../keys/key-store.ts'
import type { Ports } from '../platform/ports.ts'
import { member } from '../token/strict-json.ts'
import type { Facts, FactsShelf } from './token-questions.ts'

export function createFacts(issuer: ResolvedIssuer, keys: KeyStore, shelf: FactsShelf, ports: Ports): Facts {
  const { userinfo } = issuer.opaque
  let loading: Promise<Facts> | undefined
  let loaded: Facts | undefined

  async function load(): Promise<Facts> {
    const { createAskedFacts } = await import('./token-questions.ts')
    return (loaded = createAskedFacts(issuer, keys, shelf, ports))
  }

  /** What could not be loaded is loaded again for the next token. */
  function asked(): Promise<Facts> {
    loading ??= load().catch((error: unknown) => {
      loading = undefined
      throw error
    })
    return loading
  }

  return {
    find: async (token, waitUntil) => (await asked()).find(token, waitUntil),
    identify: (claims, token, waitUntil) =>
      userinfo === null || member(claims, userinfo.claim) !== undefined
        ? { claims }
        : asked().then((facts) => facts.identify(claims, token, waitUntil)),
    retryAfterSeconds: (failed) => loaded?.retryAfterSeconds(failed) ?? 1,
  }
}
