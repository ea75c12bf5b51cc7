// Which issuer is asked about a token: the one that the configuration says, by the route, by how the token begins,
// or because there is only one. It is never found out by asking. Nothing but its issuer gets to see a token: one that
// names an issuer itself is shown to no other. Of an issuer whose tokens are all asked about the form decides nothing.

import type { ResolvedConfig, ResolvedIssuer, ResolvedRoute } from '../config/config.ts'
import { failure, isFailure, type Failure } from '../failures/failure.ts'
import { findStatedKind, namesAccessToken } from './claim-rules.ts'
import { decodeToLatin1 } from '../token/base64url.ts'
import type { CompactParts } from '../token/compact.ts'
import { isJwtShaped } from '../token/jwt-shape.ts'
import type { Profile } from '../token/profiles/profile.ts'
import { findKind, missingMarks } from '../token/kind.ts'
import { isJsonObject, member, type JsonObject } from '../token/strict-json.ts'

/** What there is to choose from, worked out once for each configuration: there may be thousands of issuers. */
interface Choices {
  readonly readers: readonly ResolvedIssuer[]
  readonly areJwtsVerified: boolean
}

const known = new WeakMap<ResolvedConfig, Choices>()

function choicesOf(config: ResolvedConfig): Choices {
  const found = known.get(config)
  if (found !== undefined) return found
  const issuers = [...config.issuers.values()]
  const choices = {
    readers: issuers.filter(({ opaque }) => opaque.reader !== null),
    areJwtsVerified: issuers.every(({ opaque }) => opaque.jwt === 'verify'),
  }
  known.set(config, choices)
  return choices
}

const UTF8 = new TextDecoder()

/** A part of a token as a JSON object, however it is spelled; empty where it is none. */
function readObject(part: string): JsonObject {
  try {
    const value: unknown = JSON.parse(
      UTF8.decode(Uint8Array.from(decodeToLatin1(part), (character) => character.charCodeAt(0))),
    )
    return isJsonObject(value) ? value : {}
  } catch {
    return {}
  }
}

/** What a token says of itself. Read as leniently as its issuer may read it, and good for nothing but a refusal. */
export function readStated(token: string): { readonly header: JsonObject; readonly claims: JsonObject } {
  const [header = '', claims = ''] = token.split('.', 2)
  return { header: readObject(header), claims: readObject(claims) }
}

/** What some access tokens have, too. Every other mark of kind.ts decides. */
const HINTS = ['nonce']

const without = (profile: Profile, marks: Profile['waived']): Profile => ({
  ...profile,
  waived: [...profile.waived, ...marks],
})

/** Nobody has verified that: it is a hint for the log, and the caller is told nothing. */
const unverified = ({ code }: Failure): Failure => failure('kind_unverified', { unverified_kind: code })

/**
 * A hint at another kind counts unless somebody says that this is an access token: the answer about it, or the token
 * itself, which its issuer has made if it is active; or the answer has every mark of a profile whose access tokens have that
 * hint, too.
 */
export function checkHints(token: string, facts: JsonObject, { profile }: ResolvedIssuer): Failure | null {
  if (!isJwtShaped(token)) return null
  const { header, claims } = readStated(token)
  const hint = findKind(header, claims, { ...profile, waived: [] })
  if (hint === null || namesAccessToken(facts) || namesAccessToken(claims)) return null
  const isWaived = findKind(header, claims, profile) === null
  return isWaived && missingMarks({ typ: member(facts, 'typ') }, facts, profile).length === 0
    ? null
    : unverified(hint)
}

/** Like any other token, but not where it names another issuer, or says itself that it is something else. */
function selectForJwt(
  token: string,
  route: ResolvedRoute,
  config: ResolvedConfig,
): ResolvedIssuer | Failure | null {
  if (choicesOf(config).areJwtsVerified || token.length > config.limits.maxTokenBytes) return null
  const { header, claims } = readStated(token)
  // A JWE may repeat it in its header (RFC 7519 section 5.3). Who names two is nobody's.
  const stated = [member(claims, 'iss'), member(header, 'iss')].filter((iss) => iss !== undefined)
  const [named, ...others] = stated.map((iss) =>
    typeof iss === 'string' ? config.issuers.get(iss) : undefined,
  )
  // The tokens that a provider's own check tells of name no issuer. Its ID tokens do.
  if ([named, ...others].some((each) => each?.opaque.jwt === 'refuse')) return failure('issuer_unknown')
  const issuer = stated.length === 0 ? selectForOpaque(token, route, config) : named
  if (issuer == null || isFailure(issuer) || issuer.opaque.jwt === 'verify') return null
  if (others.some((other) => other !== issuer)) return failure('issuer_unknown')
  const kind = findKind(header, claims, without(issuer.profile, HINTS)) ?? findStatedKind(claims)
  return kind === null ? issuer : unverified(kind)
}

function selectForOpaque(
  token: string,
  route: ResolvedRoute,
  config: ResolvedConfig,
): ResolvedIssuer | Failure | null {
  const { readers } = choicesOf(config)
  // Known by its beginning, it is shown to nobody else, whatever the route: checkRouteIssuer refuses it there.
  const begins = readers.find(({ opaque }) => opaque.prefixes.some((prefix) => token.startsWith(prefix)))
  const [open, ...others] = readers.filter(
    ({ name, opaque }) => opaque.prefixes.length === 0 && (route.issuer === null || route.issuer === name),
  )
  const issuer = begins ?? (others.length === 0 ? open : undefined)
  if (issuer === undefined) return null
  return token.length > config.limits.maxTokenBytes ? failure('token_too_large') : issuer
}

/** The issuer to ask; `null`: nobody is, and the token must be a JWT that can be verified here. `cut`: if it is already. */
export const selectReader = (
  token: string,
  route: ResolvedRoute,
  config: ResolvedConfig,
  cut?: CompactParts,
): ResolvedIssuer | Failure | null =>
  isJwtShaped(token, cut) ? selectForJwt(token, route, config) : selectForOpaque(token, route, config)
