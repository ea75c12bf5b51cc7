// Looks the user of a token up at the issuer's userinfo endpoint (OpenID Connect Core 1.0 section 5.3), if the claims
// lack the configured identifier. The answer adds who the user is, never permissions: only tokens that have passed
// every check on issuer, audience and time are sent, and one claim is taken (with `email`, also whether it is
// verified).

import { fetchBounded } from '../platform/bounded-fetch.ts'
import type { ResolvedIssuer, ResolvedUserinfo } from '../config/config.ts'
import { failure, type Failure } from '../failures/failure.ts'
import type { Claims, UserinfoLookup } from '../grant/userinfo-lookup.ts'
import type { Ports } from '../platform/ports.ts'
import { member, parseJsonObject, type JsonObject } from '../token/strict-json.ts'
import {
  INACTIVE,
  isJsonType,
  MAX_ANSWER_BYTES,
  MAX_ANSWER_DEPTH,
  problem,
  rateLimited,
  fetchFailed,
  problemName,
  type IntrospectionResult,
} from './introspection-result.ts'
import { createEndpointFinder } from './endpoint-finder.ts'
import type { Lookup } from './lookup-method.ts'
import { createCachedLookup, type AnswerCaches } from './cached-lookup.ts'
import { createCircuitBreaker } from './circuit-breaker.ts'

export { createAnswerCaches } from './cached-lookup.ts'

export interface Userinfo {
  readonly lookUp: Lookup
  /** Why the token cannot be looked up, or `null`. Without `sub`, an answer could not be compared with the token. */
  checkSubject(claims: JsonObject): Failure | null
  /** The claims with the identifier, or why the answer gives none that can be used. */
  complete(claims: JsonObject, result: IntrospectionResult): Claims | Failure
}

export function createUserinfo(issuer: ResolvedIssuer, settings: ResolvedUserinfo, ports: Ports): Userinfo {
  const { claim, source, timeoutMs } = settings
  const findEndpoint = createEndpointFinder(issuer.issuer, source, 'userinfo_endpoint', timeoutMs, ports)
  const bounds = { timeoutMs, maxBytes: MAX_ANSWER_BYTES }

  const lookUp: Lookup = async (token, waitUntil) => {
    const url = await findEndpoint(waitUntil)
    if ('problem' in url) return problem('endpoint_unknown', { ...url })
    const headers = { authorization: `Bearer ${token}` }
    const answer = await fetchBounded(ports.fetch, url.href, { headers }, bounds)
    if ('problem' in answer) return fetchFailed(answer.problem)
    // The endpoint refuses the token: it belongs to no user, or is not meant for userinfo (RFC 6750 section 3.1).
    if (answer.status === 401 || answer.status === 403) return INACTIVE
    if (answer.status === 429) return rateLimited(429, answer.headers, ports.now() / 1000)
    if (answer.status !== 200) return problem('status', { status: answer.status })
    if (!isJsonType(answer.mediaType)) return problem('not_json')
    const parsed = parseJsonObject(answer.bytes, MAX_ANSWER_DEPTH)
    if ('problem' in parsed) return problem('malformed', { problem: parsed.problem })
    const { exp: _, ...members } = parsed.value
    return { claims: members }
  }

  return {
    lookUp,
    checkSubject: (claims) =>
      member(claims, 'sub') === undefined ? failure('identity_missing', { claim, problem: 'no_sub' }) : null,
    complete(claims, result) {
      if ('failure' in result) return result.failure
      if ('inactive' in result) return failure('identity_missing', { claim, problem: 'refused' })
      if ('problem' in result)
        return failure('userinfo_unavailable', { problem: problemName(result.problem), ...result.detail })
      const members = result.claims
      const sub = member(members, 'sub')
      if (typeof sub !== 'string' || sub === '') return failure('userinfo_unavailable', { problem: 'no_sub' })
      if (member(claims, 'sub') !== sub) return failure('userinfo_mismatch')
      const found = member(members, claim)
      if (found === undefined || found === null || found === '')
        return failure('identity_missing', { claim, problem: 'not_told' })
      if (typeof found !== 'string' && !Number.isSafeInteger(found))
        return failure('userinfo_unavailable', { problem: 'malformed' })
      // `email_verified` must come from the answer that has `email`. Some issuers send it as a string.
      const verified = ['true', true].includes(member(members, 'email_verified') as string | boolean)
      return {
        claims: {
          ...claims,
          [claim]: found,
          ...(claim === 'email' ? { email_verified: verified } : {}),
        },
      }
    },
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
