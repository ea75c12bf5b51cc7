// Asks the endpoints that look tokens up about a token that nobody has issued, for commands: with the code of an edge,
// without its caches and circuit breakers. No edge imports this. RFC 7662 sections 2.1 to 2.3; OpenID Connect Core 1.0
// section 5.3.

import type {
  CoreConfig,
  IntrospectedIssuer,
  ResolvedIntrospection,
  ResolvedIssuer,
  ResolvedUserinfo,
} from '../config/config.ts'
import { createIssuerKeys } from '../keys/issuer-keys.ts'
import { fetchBounded } from '../platform/bounded-fetch.ts'
import type { Ports } from '../platform/ports.ts'
import { partsOf, STEPS } from '../steps.ts'
import { createEndpointFinder } from './endpoint-finder.ts'
import { fetchFailed, MAX_ANSWER_BYTES, problem, type IntrospectionResult } from './introspection-result.ts'
import { loadIntrospection } from './introspection-request.ts'
import { loadCheck } from './provider-check.ts'
import { createUserinfo } from './userinfo.ts'

const LOAD = { introspection: loadIntrospection, check: loadCheck } as const

/** What the issuer answers about a token, by introspection or by the check of its provider. Sends the secret. */
export async function probeTokenLookup(
  issuer: IntrospectedIssuer,
  config: CoreConfig,
  ports: Ports,
  token: string,
): Promise<IntrospectionResult> {
  const parts = partsOf(STEPS)
  const create = await LOAD[issuer.opaque.reader.kind](issuer, parts.lookupExtras!)
  const keys = createIssuerKeys(config, ports, parts, STEPS).storeOf(issuer)
  return create(issuer, keys, ports, () => {}).lookUp(token)
}

/** The status of the introspection endpoint for a request without a secret, or why there is none. */
export async function probeIntrospectionWithoutSecret(
  issuer: ResolvedIssuer,
  { source, timeoutMs }: ResolvedIntrospection,
  ports: Ports,
  token: string,
): Promise<{ readonly status: number } | IntrospectionResult> {
  const find = createEndpointFinder(issuer.issuer, source, 'introspection_endpoint', timeoutMs, ports)
  const url = await find()
  if ('problem' in url) return problem('endpoint_unknown', { ...url })
  const request = { method: 'POST', body: new URLSearchParams({ token_type_hint: 'access_token', token }) }
  const bounds = { timeoutMs, maxBytes: MAX_ANSWER_BYTES }
  const answer = await fetchBounded(ports.fetch, url.href, request, bounds, [])
  return 'problem' in answer ? fetchFailed(answer.problem) : { status: answer.status }
}

/** What the userinfo endpoint answers for a token. */
export const probeUserinfo = (
  issuer: ResolvedIssuer,
  settings: ResolvedUserinfo,
  ports: Ports,
  token: string,
): Promise<IntrospectionResult> => createUserinfo(issuer, settings, ports).lookUp(token)
