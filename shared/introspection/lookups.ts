// The lookup of a token by any method: is the token active? lazy-lookups.ts loads this file with the first lookup.

import type { IntrospectedIssuer } from '../config/config.ts'
import { isFailure } from '../failures/failure.ts'
import type { KeyStore } from '../keys/key-store.ts'
import type { Ports } from '../platform/ports.ts'
import { createCachedLookup, type AnswerCaches } from './cached-lookup.ts'
import { findMalformedMember } from './member-form.ts'
import { createCircuitBreaker } from './circuit-breaker.ts'
import type { CreateAuthenticate } from './client-authentication.ts'
import { problem, toClaims } from './introspection-result.ts'
import type { TokenLookup } from './token-lookup.ts'
import type { Lookup, LookupMethod, NoteHeaders } from './lookup-method.ts'
import type { Provider } from './providers/facts.ts'
import type { ProviderCheck } from './providers/row.ts'
import type { readSigned } from './signed-response.ts'

export { createAnswerCaches } from './cached-lookup.ts'

/** The code of the lookup methods that not every issuer needs, loaded with the first lookup. */
export interface LookupExtras {
  /** For the authentication `private_key_jwt`. */
  readonly privateKeyJwt?: () => Promise<CreateAuthenticate>
  /** For `introspection.response: 'jwt'`. */
  readonly signedResponses?: () => Promise<typeof readSigned>
  /** For `check`, by the provider. */
  readonly providers?: Readonly<Partial<Record<Provider, () => Promise<ProviderCheck>>>>
}

/** Creates a lookup method for an issuer that is configured with it. */
export type CreateMethod = (
  issuer: IntrospectedIssuer,
  keys: KeyStore,
  ports: Ports,
  note: NoteHeaders,
) => LookupMethod

/** Claims of the wrong form become the problem `malformed`, which is not cached. */
const checkForm =
  (lookUp: Lookup, issuer: IntrospectedIssuer): Lookup =>
  async (token, waitUntil) => {
    const result = await lookUp(token, waitUntil)
    const member = 'claims' in result ? findMalformedMember(result.claims, issuer) : undefined
    return member === undefined ? result : problem('malformed', { member })
  }

export function createLoadedTokenLookup(
  issuer: IntrospectedIssuer,
  keys: KeyStore,
  caches: AnswerCaches,
  ports: Ports,
  createMethod: CreateMethod,
): TokenLookup {
  const breaker = createCircuitBreaker(ports.now)
  const method = createMethod(issuer, keys, ports, breaker.note)
  const { cacheSeconds, timeoutMs } = issuer.opaque.reader
  const lookUp = createCachedLookup(
    issuer,
    {
      ...{ breaker, purpose: 'token', cacheSeconds, timeoutMs },
      ...{ lookUp: checkForm(method.lookUp, issuer), standing: method.standing },
    },
    caches,
    ports.now,
  )
  return {
    async find(token, waitUntil) {
      const found = toClaims(await lookUp(token, waitUntil))
      return isFailure(found) ? method.explainInactive(found, token, ports.now() / 1000) : found
    },
    retryAfterSeconds: ({ detail }) => breaker.retryAfterSeconds(detail?.['why']),
  }
}
