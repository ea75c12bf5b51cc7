// Makes the grant of a token that has passed every check. Userinfo may add who the user is, never permissions.

import { clientNamed } from '../token/client-name.ts'
import type { CoreConfig } from '../config/config.ts'
import type { Grant } from '../decision.ts'
import { failure, isFailure, type Failure } from '../failures/failure.ts'
import type { Claims, UserinfoLookup } from './userinfo-lookup.ts'
import type { DecisionContext } from '../request/decision-context.ts'
import type { Granted, Stages } from '../stages.ts'
import type { JsonObject } from '../token/strict-json.ts'
import type { ReadToken, Soon, TokenReader } from '../token/token-reader.ts'
import { freezeGrant, toGrant } from './grant.ts'

/** @internal Tests replace it. */
export const GRANT_STEPS = { toGrant }

/** @internal `fitsContext`: whether the platform can pass on the identity of a grant. */
export function createGrantStage(
  config: CoreConfig,
  userinfoLookups: ReadonlyMap<string, UserinfoLookup>,
  fitsContext: (grant: Grant) => boolean,
  steps: typeof GRANT_STEPS,
): Stages['toGrant'] {
  function permit(
    grant: Grant,
    claims: JsonObject,
    token: ReadToken,
    context: DecisionContext,
  ): Granted | Failure {
    context.client = clientNamed(grant.clientId)
    if (!fitsContext(grant)) return failure('identity_inexpressible', { problem: 'too_large' })
    context.grant = grant
    return { grant, claims, token }
  }

  function identify(
    { claims }: ReadToken,
    { issuer, token, deadline }: DecisionContext,
  ): Soon<Claims | Failure> {
    const lookup = userinfoLookups.get(issuer!.issuer)?.identify(claims, token!, deadline.waitUntil) ?? {
      claims,
    }
    return lookup instanceof Promise ? deadline.race(lookup) : lookup
  }

  async function make(
    token: ReadToken,
    reader: TokenReader,
    context: DecisionContext,
  ): Promise<Granted | Failure> {
    const identified = await identify(token, context)
    if (isFailure(identified)) return identified
    const claims = reader.completeClaims(identified.claims, context)
    const grant = steps.toGrant({ header: token.header, claims }, token.issuer, config)
    // The grant is frozen, because it may share lists with cached claims.
    return isFailure(grant) ? grant : permit(freezeGrant(grant), claims, token, context)
  }

  return (token, reader, context) =>
    token.grant === undefined
      ? make(token, reader, context)
      : permit(token.grant, token.claims, token, context)
}
