// Who is it? Where the facts about a token lack the identifier that is configured, the issuer's userinfo endpoint may
// say it. It adds who somebody is and never what they may do: it is asked about tokens that have passed every check
// on issuer, audience and time, and one claim is taken from its answer (with an address, whether it is verified). OpenID Connect Core 1.0 section 5.3.

import { fetchBounded } from '../platform/bounded-fetch.ts'
import type { ResolvedIssuer, ResolvedUserinfo } from '../config/config.ts'
import { failure, type Failure } from '../failures/failure.ts'
import type { Claims } from '../grant/userinfo-lookup.ts'
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

export interface Userinfo {
  readonly lookUp: Lookup
  /** Why nobody can be asked about; `null`: somebody can. An answer must be about the user of the token. */
  checkSubject(claims: JsonObject): Failure | null
  /** The claims with the identifier, or why there is none that can be believed. */
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
    // The issuer does not tell about this token: it is no user's, or not meant for this (RFC 6750 section 3.1).
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
      // Whoever names the address says whether it is verified; some say it as a text.
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
