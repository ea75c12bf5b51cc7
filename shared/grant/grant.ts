// Makes the grant, which is what a decision says about a token that has passed every check. RFC 9068 sections 2.2 and
// 5.

import type { CoreConfig, ResolvedIssuer } from '../config/config.ts'
import type { Grant, Principal } from '../decision.ts'
import { failure, isFailure, type Failure } from '../failures/failure.ts'
import { isExpressible, selectFacts } from './identity.ts'
import type { ParsedToken } from '../token/compact.ts'
import { hasEvidence, type PlannedCondition, type ScopeClaim } from '../token/profiles/profile.ts'
import { parseScope } from './scope.ts'
import { member, type JsonObject } from '../token/strict-json.ts'

type ReadToken = Pick<ParsedToken, 'header' | 'claims'>

function isMet(condition: PlannedCondition, { header, claims }: ReadToken): boolean {
  if (condition.onlyWith !== undefined && !Object.hasOwn(claims, condition.onlyWith)) return false
  if ('evidence' in condition) return hasEvidence(condition.evidence, header, claims)
  if ('absent' in condition) return !condition.absent.some((name) => Object.hasOwn(claims, name))
  if ('matches' in condition) {
    const value = member(claims, condition.claim)
    const pattern = new RegExp(condition.matches, condition.ignoreCase === true ? 'i' : '')
    return typeof value === 'string' && pattern.test(value)
  }
  const { equal, prefix, suffix = '' } = condition
  const [one, other] = equal.map((name) => member(claims, name))
  if (prefix === undefined) return one === `${other}${suffix}`
  return typeof one === 'string' && one.toLowerCase() === `${prefix}${other}${suffix}`.toLowerCase()
}

const toText = (value: unknown): string | null =>
  Number.isSafeInteger(value) ? String(value) : typeof value === 'string' && value !== '' ? value : null

/**
 * Who is calling. A client on its own behalf has its client identifier as `id` and the kind `client`, so that a client
 * and a user with the same identifier are never taken for each other (RFC 9068 section 5). If a profile has conditions
 * for both, a token that meets neither has an unknown principal.
 */
function toPrincipal(token: ReadToken, { profile, principal }: ResolvedIssuer): Principal | Failure {
  const { claims } = token
  const condition = profile.clientCredentialsWhen.find((one) => isMet(one, token))
  const kind = condition === undefined ? (profile.otherwise ?? 'user') : (condition.principal ?? 'client')
  if (kind === 'client') return { kind, id: claims[profile.client] as string }
  const id = toText(member(claims, principal))
  if (id === null || !id.isWellFormed()) {
    return Object.hasOwn(claims, principal)
      ? failure('claim_malformed', { claim: principal })
      : failure('claim_missing', { claim: principal })
  }
  if (principal === 'email' && member(claims, 'email_verified') !== true) return failure('email_unverified')
  return { kind, id }
}

/**
 * The scopes in a scope claim. If the claim has the other shape, all tokens of the issuer have it so: the log names the
 * setting to change, and the failure counts as the operator's.
 */
function readScopeClaim(
  claims: JsonObject,
  scopeClaim: ScopeClaim,
  { name, profile }: ResolvedIssuer,
): readonly string[] | Failure {
  const found = parseScope(claims, scopeClaim)
  if (!isFailure(found)) return found
  const shape = scopeClaim.shape === 'list' ? 'string' : 'list'
  if (isFailure(parseScope(claims, { claim: scopeClaim.claim, shape }))) return found
  const isChoice = profile.scopes.choices.some(
    (other) => other.shape === shape && String(other.claim) === String(scopeClaim.claim),
  )
  const configure = `issuers.${name}.${isChoice ? 'scopes' : 'profile'}`
  return { ...found, detail: { ...found.detail, shape, configure }, blame: 'operator' }
}

/**
 * The scopes of a principal. If users and clients have different scope claims, an unknown one has the scopes in both.
 */
function readScopes(
  claims: JsonObject,
  kind: Principal['kind'],
  issuer: ResolvedIssuer,
): readonly string[] | Failure {
  const { user, client } = issuer.scopes
  const granted = readScopeClaim(claims, kind === 'client' ? client : user, issuer)
  if (kind !== 'unknown' || user === client || isFailure(granted)) return granted
  const ofClient = readScopeClaim(claims, client, issuer)
  return isFailure(ofClient) ? ofClient : granted.filter((scope) => ofClient.includes(scope))
}

/** The grant of a verified access token. The claim rules have checked the types of its claims. */
export function toGrant(token: ReadToken, issuer: ResolvedIssuer, config: CoreConfig): Grant | Failure {
  const { claims } = token
  const { profile } = issuer
  const principal = toPrincipal(token, issuer)
  if (isFailure(principal)) return principal
  const granted = readScopes(claims, principal.kind, issuer)
  if (isFailure(granted)) return granted
  const clientId = claims[profile.client] as string
  if (!isExpressible(principal.id))
    return failure('identity_inexpressible', {
      claim: principal.kind === 'client' ? profile.client : issuer.principal,
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

/** Freezes a grant, with its members and the lists in its facts. */
export function freezeGrant(grant: Grant): Grant {
  for (const name in grant.facts) Object.freeze(grant.facts[name])
  Object.freeze(grant.facts)
  Object.freeze(grant.scopes)
  Object.freeze(grant.principal)
  return Object.freeze(grant)
}
