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
  type Asked,
} from './introspection-result.ts'
import { createEndpointFinder } from './endpoint-finder.ts'
import type { AskIssuer } from './lookup-method.ts'

export interface Userinfo {
  readonly ask: AskIssuer
  /** Why nobody can be asked about; `null`: somebody can. An answer must be about the user of the token. */
  checkSubject(claims: JsonObject): Failure | null
  /** The claims with the identifier, or why there is none that can be believed. */
  complete(claims: JsonObject, asked: Asked): Claims | Failure
}

export function createUserinfo(issuer: ResolvedIssuer, settings: ResolvedUserinfo, ports: Ports): Userinfo {
  const { claim, source, timeoutMs } = settings
  const findEndpoint = createEndpointFinder(issuer.issuer, source, 'userinfo_endpoint', timeoutMs, ports)
  const bounds = { timeoutMs, maxBytes: MAX_ANSWER_BYTES }

  const ask: AskIssuer = async (token, waitUntil) => {
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
    const { exp: _, ...told } = parsed.value
    return { claims: told }
  }

  return {
    ask,
    checkSubject: (claims) =>
      member(claims, 'sub') === undefined ? failure('identity_missing', { claim, problem: 'no_sub' }) : null,
    complete(claims, asked) {
      if ('failure' in asked) return asked.failure
      if ('inactive' in asked) return failure('identity_missing', { claim, problem: 'refused' })
      if ('problem' in asked)
        return failure('userinfo_unavailable', { problem: problemName(asked.problem), ...asked.detail })
      const told = asked.claims
      const sub = member(told, 'sub')
      if (typeof sub !== 'string' || sub === '') return failure('userinfo_unavailable', { problem: 'no_sub' })
      if (member(claims, 'sub') !== sub) return failure('userinfo_mismatch')
      const found = member(told, claim)
      if (found === undefined || found === null || found === '')
        return failure('identity_missing', { claim, problem: 'not_told' })
      if (typeof found !== 'string' && !Number.isSafeInteger(found))
        return failure('userinfo_unavailable', { problem: 'malformed' })
      // Whoever names the address says whether it is verified; some say it as a text.
      const verified = ['true', true].includes(member(told, 'email_verified') as string | boolean)
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
