// Reads a JWT and verifies it with the keys of the issuer that it names. A token that was verified for an earlier
// request is found in the cache. Its text, header, signature, kind and form cannot have changed and are not checked
// again. Its key may have changed: the issuer may have withdrawn it, or published another key with the same `kid`.

import { clientOf } from './client-name.ts'
import type { CoreConfig, ResolvedIssuer, ResolvedRoute } from '../config/config.ts'
import type { Credential } from '../credential/read-credential.ts'
import { failure, failureRow, isFailure, type Failure } from '../failures/failure.ts'
import { firstRefusal } from '../failures/rule.ts'
import { freezeGrant, toGrant } from '../grant/grant.ts'
import type { IssuerKeys } from '../keys/issuer-keys.ts'
import type { KeyAnswer } from '../keys/select-key.ts'
import { isInForce } from '../keys/lease.ts'
import type { Ports } from '../platform/ports.ts'
import type { DecisionContext } from '../request/decision-context.ts'
import { checkRouteIssuer } from '../routes/route-issuer.ts'
import { CLAIM_RULES, FORM_RULES } from './claims.ts'
import { parseToken, type ParsedToken } from './compact.ts'
import { HEADER_RULES } from './header.ts'
import { findUnverifiedKind, KIND_RULES } from './kind.ts'
import { createHeaderReader } from './read-header.ts'
import { withLooks } from './looks-like.ts'
import { member } from './strict-json.ts'
import type { ReadToken, Soon, TokenReader } from './token-reader.ts'
import {
  isProvenBy,
  type Proof,
  type VerifiedToken,
  type VerifiedTokenCache,
} from './verified-token-cache.ts'

/** The configured issuer that the `iss` of an untrusted token names. Only its signature proves it. */
export function selectIssuer(token: ParsedToken, config: CoreConfig): ResolvedIssuer | Failure {
  const iss = member(token.claims, 'iss')
  return (typeof iss === 'string' ? config.issuers.get(iss) : undefined) ?? failure('issuer_unknown')
}

/** Adds `unverified_kind` for the log to the refusal of an unverified token that has evidence of another kind. */
function withHint(refused: Failure, { header, claims }: Pick<ParsedToken, 'header' | 'claims'>): Failure {
  const kind = failureRow(refused.code).status === 503 ? null : findUnverifiedKind(header, claims)
  return kind === null ? refused : failure(refused.code, { ...refused.detail, unverified_kind: kind })
}

/** @internal The steps of reading a JWT. Tests replace one at a time. */
export const JWT_STEPS = {
  parseToken,
  headerRules: HEADER_RULES,
  selectIssuer,
  checkRouteIssuer,
  kindRules: KIND_RULES,
  formRules: FORM_RULES,
  toGrant,
  isProvenBy,
  claimRules: CLAIM_RULES,
}

/** @internal */
export function createJwtReader(
  config: CoreConfig,
  ports: Ports,
  keys: IssuerKeys,
  cache: VerifiedTokenCache,
  steps: typeof JWT_STEPS,
): TokenReader {
  const readHeader = createHeaderReader()

  /** The proof that the issuer that the token names signed it; `null` if its shared secret verified the token. */
  function authenticate(
    token: ParsedToken,
    route: ResolvedRoute,
    context: DecisionContext,
  ): Failure | Promise<Proof | Failure | null> {
    const header = firstRefusal(steps.headerRules, token.header)
    if (header !== null) return header
    const issuer = steps.selectIssuer(token, config)
    if (isFailure(issuer)) return issuer
    context.issuer = issuer
    return steps.checkRouteIssuer(issuer, route) ?? keys.verify(token, issuer, context.deadline)
  }

  /** Why a verified token is no access token of its issuer, or `null`. The result does not depend on the request. */
  const checkKind = ({ header, claims }: ParsedToken, issuer: ResolvedIssuer): Failure | null =>
    firstRefusal(steps.kindRules, header, claims, issuer.profile) ??
    firstRefusal(steps.formRules, claims, issuer)

  /**
   * The grant to cache with the token; `undefined` if userinfo has to complete it, or if the token is refused a grant.
   * Frozen, so that no request can change the grant of the next one.
   */
  function toLastingGrant({ header, claims }: ParsedToken, issuer: ResolvedIssuer) {
    if (issuer.opaque.userinfo !== null) return undefined
    const grant = steps.toGrant({ header, claims }, issuer, config)
    return isFailure(grant) ? undefined : freezeGrant(grant)
  }

  async function verify(
    { token: text, parts }: Credential,
    route: ResolvedRoute,
    context: DecisionContext,
  ): Promise<VerifiedToken | Failure> {
    const token = steps.parseToken(text, config.limits, parts, readHeader)
    if (isFailure(token)) return token
    const proof = await authenticate(token, route, context)
    if (proof !== null && isFailure(proof)) return withHint(proof, token)
    const { header, claims } = token
    const issuer = context.issuer!
    context.client = clientOf(claims, issuer.profile.client)
    const wrong = checkKind(token, issuer)
    if (wrong !== null) return withLooks(wrong, token, issuer)
    const grant = toLastingGrant(token, issuer)
    const verified = { header, claims, issuer, proof, grant, name: undefined }
    // A token that a shared secret verified has no proof and is never cached.
    if (proof !== null) cache.set(text, verified, token.heapBytes)
    context.checkTime = ports.now() / 1000
    return verified
  }

  function accept(verified: VerifiedToken, context: DecisionContext, nowMs: number): VerifiedToken {
    context.cached = verified
    context.checkTime = nowMs / 1000
    return verified
  }

  /** Searches for the key again, because the lease on it is over. */
  function renewProof(
    text: string,
    verified: VerifiedToken,
    proof: Proof,
    route: ResolvedRoute,
    context: DecisionContext,
    nowMs: number,
  ): Soon<VerifiedToken | Failure> {
    function checkKeys(found: KeyAnswer, atMs: number): Soon<VerifiedToken | Failure> {
      if (isFailure(found)) return withHint(found, verified)
      if (!steps.isProvenBy(verified, found.keys)) {
        cache.delete(text)
        return verify({ token: text }, route, context)
      }
      proof.lease = found.lease
      return accept(verified, context, atMs)
    }

    const { deadline } = context
    const found = proof.store.find(proof.request, deadline.waitUntil, nowMs)
    return found instanceof Promise
      ? deadline.race(found).then((late) => checkKeys(late, ports.now()))
      : checkKeys(found, nowMs)
  }

  function recall(
    text: string,
    verified: VerifiedToken,
    route: ResolvedRoute,
    context: DecisionContext,
  ): Soon<VerifiedToken | Failure> {
    const { issuer } = verified
    context.issuer = issuer
    const elsewhere = steps.checkRouteIssuer(issuer, route)
    if (elsewhere !== null) return elsewhere
    const nowMs = ports.now()
    const proof = verified.proof!
    return proof.lease !== null && isInForce(proof.lease, nowMs)
      ? accept(verified, context, nowMs)
      : renewProof(text, verified, proof, route, context, nowMs)
  }

  return {
    read: (credential, route, context) =>
      credential.verified === undefined
        ? verify(credential, route, context)
        : recall(credential.token, credential.verified, route, context),
    checkClaims(token: ReadToken, context) {
      const { claims, issuer } = token
      context.client = clientOf(claims, issuer.profile.client)
      const refused = firstRefusal(steps.claimRules, claims, issuer, context.checkTime)
      // An expired token never becomes valid again.
      if (refused?.code === 'token_expired') cache.delete(context.token!)
      return refused === null ? null : withLooks(refused, token, issuer)
    },
    completeClaims: (claims) => claims,
  }
}
