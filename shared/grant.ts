// From a token that has passed every check to what the decision says about it. RFC 9068 sections 2.2 and 5.

import type { ResolvedConfig, ResolvedIssuer } from './config/config.ts'
import type { Grant, Principal } from './decision.ts'
import { failure, isFailure, type Failure } from './failure.ts'
import { isExpressible, selectFacts } from './identity.ts'
import type { ParsedToken } from './token/compact.ts'
import { PROFILES } from './token/profiles.ts'
import { hasMark, type ClientSign } from './token/profiles/profile.ts'
import { parseScope } from './token/scope.ts'
import { member } from './token/strict-json.ts'

type ReadToken = Pick<ParsedToken, 'header' | 'claims'>

const isSign = (sign: ClientSign, { header, claims }: ReadToken): boolean =>
  'mark' in sign
    ? hasMark(sign.mark, header, claims)
    : 'absent' in sign
      ? !sign.absent.some((name) => Object.hasOwn(claims, name))
      : member(claims, sign.equal[0]) === `${member(claims, sign.equal[1])}${sign.suffix ?? ''}`

const toText = (value: unknown): string | null =>
  Number.isSafeInteger(value) ? String(value) : typeof value === 'string' && value !== '' ? value : null

/**
 * Who is calling. A client on its own behalf is named by its client identifier and marked as such, so that
 * a user of the same name is never taken for it, nor it for a user. RFC 9068 section 5.
 */
function toPrincipal(token: ReadToken, { profile, principal }: ResolvedIssuer): Principal | Failure {
  const { claims } = token
  if (profile.clientSigns.some((sign) => isSign(sign, token)))
    return { kind: 'client', id: claims[profile.client] as string }
  const id = toText(member(claims, principal))
  if (id === null || !id.isWellFormed()) {
    return Object.hasOwn(claims, principal)
      ? failure('claim_malformed', { claim: principal })
      : failure('claim_missing', { claim: principal })
  }
  if (principal === 'email' && member(claims, 'email_verified') !== true) return failure('email_unverified')
  return { kind: 'user', id }
}

/**
 * The issuer as its answers about opaque tokens are read: in the words of RFC 7662 section 2.2, whatever its JWTs
 * look like. A claim that was configured to identify users does so here, too.
 */
export function asAsked(issuer: ResolvedIssuer): ResolvedIssuer {
  const profile = PROFILES.rfc9068
  const scope = profile.scopes.standard
  const principal = issuer.principal === issuer.profile.user ? profile.user : issuer.principal
  return { ...issuer, profile, scopes: { user: scope!, client: scope! }, principal }
}

/** Everything a verified access token says, in the words of the decision. The claim rules have seen to the types of its claims. */
export function toGrant(token: ReadToken, issuer: ResolvedIssuer, config: ResolvedConfig): Grant | Failure {
  const { claims } = token
  const { profile } = issuer
  const principal = toPrincipal(token, issuer)
  if (isFailure(principal)) return principal
  const granted = parseScope(claims, issuer.scopes[principal.kind])
  if (isFailure(granted)) return granted
  const clientId = claims[profile.client] as string
  if (!isExpressible(principal.id))
    return failure('identity_inexpressible', {
      claim: principal.kind === 'user' ? issuer.principal : profile.client,
    })
  if (!isExpressible(clientId)) return failure('identity_inexpressible', { claim: profile.client })
  const selected = selectFacts(claims, config.identity.claims)
  if (isFailure(selected)) return selected
  return {
    principal,
    clientId,
    scopes:
      profile.scopes.ignored === undefined
        ? granted
        : granted.filter((scope) => !profile.scopes.ignored!.includes(scope)),
    issuer: issuer.label,
    expiresAt: claims['exp'] as number,
    notBefore: (member(claims, 'nbf') as number | undefined) ?? null,
    tokenId:
      profile.tokenId === null ? null : ((member(claims, profile.tokenId) as string | undefined) ?? null),
    facts: selected.facts,
  }
}

/** Nobody can change it any more, nor the lists in it. */
export function freezeGrant(grant: Grant): Grant {
  for (const name in grant.facts) Object.freeze(grant.facts[name])
  Object.freeze(grant.facts)
  Object.freeze(grant.scopes)
  Object.freeze(grant.principal)
  return Object.freeze(grant)
}
