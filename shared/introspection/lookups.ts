// The two lookups: is this token active, and who is its user? lazy-lookups.ts loads this file with the first of them.

import type {
  IntrospectedIssuer,
  MethodName,
  ResolvedIssuer,
  ResolvedMethods,
  ResolvedUserinfo,
} from '../config/config.ts'
import { isFailure } from '../failures/failure.ts'
import type { KeyStore } from '../keys/key-store.ts'
import type { Ports } from '../platform/ports.ts'
import { createCachedLookup, type AnswerCaches } from './cached-lookup.ts'
import { findMalformedMember } from './member-form.ts'
import { createCircuitBreaker } from './circuit-breaker.ts'
import { createIntrospection } from './introspection-request.ts'
import { problem, toClaims } from './introspection-result.ts'
import type { UserinfoLookup } from '../grant/userinfo-lookup.ts'
import type { TokenLookup } from './token-lookup.ts'
import type { Lookup, LookupMethod, NoteHeaders } from './lookup-method.ts'
import { createCheck } from './provider-check.ts'
import { createUserinfo } from './userinfo.ts'

export { createAnswerCaches } from './cached-lookup.ts'

type CreateMethod<Settings> = (
  issuer: ResolvedIssuer,
  settings: Settings,
  keys: KeyStore,
  ports: Ports,
  note: NoteHeaders,
) => LookupMethod

const METHODS: { readonly [Kind in MethodName]: CreateMethod<ResolvedMethods[Kind]> } = {
  introspection: createIntrospection,
  check: createCheck,
}

const methodOf = <Kind extends MethodName>(kind: Kind): CreateMethod<ResolvedMethods[Kind]> => METHODS[kind]

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
): TokenLookup {
  const { reader } = issuer.opaque
  const breaker = createCircuitBreaker(ports.now)
  const method = methodOf(reader.kind)(issuer, reader, keys, ports, breaker.note)
  const { cacheSeconds, timeoutMs } = reader
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

export function createLoadedUserinfoLookup(
  issuer: ResolvedIssuer,
  settings: ResolvedUserinfo,
  caches: AnswerCaches,
  ports: Ports,
): UserinfoLookup {
  const breaker = createCircuitBreaker(ports.now)
  const userinfo = createUserinfo(issuer, settings, ports)
  const { cacheSeconds, timeoutMs } = settings
  const lookUp = createCachedLookup(
    issuer,
    // Only valid tokens are looked up at userinfo, so all of them have the highest standing.
    {
      breaker,
      purpose: 'userinfo',
      lookUp: userinfo.lookUp,
      standing: () => 'known',
      cacheSeconds,
      timeoutMs,
    },
    caches,
    ports.now,
  )
  return {
    identify(claims, token, waitUntil) {
      const refusal = userinfo.checkSubject(claims)
      return refusal ?? lookUp(token, waitUntil).then((result) => userinfo.complete(claims, result))
    },
    retryAfterSeconds: ({ detail }) => breaker.retryAfterSeconds(detail?.['why']),
  }
}
