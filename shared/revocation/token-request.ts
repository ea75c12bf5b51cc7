// How a token that somebody hands over is revoked. The token is read strictly and not verified: what it says decides
// only what is revoked, and nothing of it is in the request but its names. RFC 7519 section 4.1.

import type { ResolvedIssuer } from '../config/config.ts'
import type { Limits } from '../config/limits.ts'
import { isFailure } from '../failures/failure.ts'
import { isB64Token } from '../token/b64token.ts'
import { parseToken } from '../token/compact.ts'
import { member, type JsonObject } from '../token/strict-json.ts'
import type { EntryKeys } from './entry-keys.ts'
import { namesOf, revocableText } from './revocable.ts'
import type { RevocationRequest } from './to-entries.ts'

export type TokenProblem =
  /** The text cannot stand in an Authorization field (RFC 6750 section 2.1). */
  | 'token_malformed'
  | 'token_too_large'
  /** No issuer of the configuration has the `iss`, or is the one that was named. */
  | 'issuer_unknown'
  /** Only an issuer that introspects its tokens can read the token, and none is meant that does. */
  | 'not_introspected'
  /** Several issuers may have issued the token, and none was named. */
  | 'issuer_missing'
  /** The token names another issuer than the one that was named. */
  | 'issuer_differs'

/** What is read of a configuration. */
export interface TokenContext {
  readonly issuers: Iterable<ResolvedIssuer>
  readonly limits: Pick<Limits, 'maxTokenBytes' | 'maxJsonDepth'>
  readonly keys: Pick<EntryKeys, 'digestOf'>
}

const isNamed = ({ name, issuer }: ResolvedIssuer, named: string): boolean =>
  name === named || issuer === named

/** Its JWTs are sent to it, whatever form they have. */
const readsAnyJwt = ({ opaque }: ResolvedIssuer): boolean => opaque.jwt === 'introspect'

/**
 * A JWT that is verified here: by the claim that names it, else by its digest. Nobody has verified its `exp`, so the
 * entry stands as long as any token could.
 */
function toVerifiedRequest(
  token: string,
  claims: JsonObject,
  issuer: ResolvedIssuer,
  { digestOf }: TokenContext['keys'],
): RevocationRequest {
  const names = namesOf(claims, issuer)
  const jti = issuer.profile.tokenId === null ? undefined : names.find(({ kind }) => kind === 'jti')
  const sub = names.findLast(({ kind }) => kind === 'sub')
  return {
    ...(jti ?? { kind: 'token', id: digestOf(revocableText(token)) }),
    issuer: issuer.issuer,
    ...(sub !== undefined && { sub: sub.id }),
  }
}

/**
 * A token that its issuer introspects: by its digest. Its claims are those of the answer, which may name neither the
 * token nor the same `exp`.
 */
function toIntrospectedRequest(
  token: string,
  named: string | undefined,
  all: readonly ResolvedIssuer[],
  isCandidate: (issuer: ResolvedIssuer) => boolean,
  { digestOf }: TokenContext['keys'],
): RevocationRequest | { readonly problem: TokenProblem } {
  const meant = named === undefined ? all : all.filter((issuer) => isNamed(issuer, named))
  const found = meant.filter(isCandidate)
  const names = new Set(found.map(({ name }) => name))
  if (names.size === 0) return { problem: meant.length === 0 ? 'issuer_unknown' : 'not_introspected' }
  if (names.size > 1) return { problem: 'issuer_missing' }
  const [{ name, issuer }] = found as [ResolvedIssuer]
  return {
    kind: 'token',
    issuer: found.length === 1 ? issuer : name,
    id: digestOf(revocableText(token)),
  }
}

/**
 * The request that revokes a token. `named`: the issuer that somebody names, by its name in the configuration or its
 * `iss`. Verifies nothing.
 */
export function toTokenRequest(
  token: string,
  named: string | undefined,
  { issuers, limits, keys }: TokenContext,
): RevocationRequest | { readonly problem: TokenProblem } {
  if (!isB64Token(token)) return { problem: 'token_malformed' }
  if (token.length > limits.maxTokenBytes) return { problem: 'token_too_large' }
  const all = [...issuers]
  const parsed = parseToken(token, limits)
  if (isFailure(parsed)) {
    if (parsed.code === 'token_opaque')
      return toIntrospectedRequest(token, named, all, ({ opaque }) => opaque.reader !== null, keys)
    return all.some(readsAnyJwt)
      ? toIntrospectedRequest(token, named, all, readsAnyJwt, keys)
      : { problem: 'token_malformed' }
  }
  const iss = member(parsed.claims, 'iss')
  if (iss === undefined) return toIntrospectedRequest(token, named, all, readsAnyJwt, keys)
  const issuer = all.find((each) => each.issuer === iss)
  if (issuer === undefined) return { problem: 'issuer_unknown' }
  if (named !== undefined && !isNamed(issuer, named)) return { problem: 'issuer_differs' }
  return issuer.opaque.jwt === 'introspect'
    ? toIntrospectedRequest(token, issuer.issuer, [issuer], readsAnyJwt, keys)
    : toVerifiedRequest(token, parsed.claims, issuer, keys)
}

/** `exp` of a JWT, unverified. `null`: the token has none that can be read. */
export function statedExp(token: string, limits: TokenContext['limits']): number | null {
  const parsed = parseToken(token, limits)
  const exp = isFailure(parsed) ? undefined : member(parsed.claims, 'exp')
  return typeof exp === 'number' ? exp : null
}
