// From a token that has passed every check to what the decision says about it. RFC 9068 sections 2.2 and 5.

import type { ResolvedConfig, ResolvedIssuer } from './config/config.ts'
import type { Grant } from './decision.ts'
import { failure, isFailure, type Failure } from './failure.ts'
import { isExpressible, selectFacts } from './identity.ts'
import type { ParsedToken } from './token/compact.ts'
import { parseScope } from './token/scope.ts'
import { member } from './token/strict-json.ts'

/** Everything a verified access token says, in the words of the decision. The claim rules have seen to the types of its claims. */
export function toGrant(
  token: Pick<ParsedToken, 'claims'>,
  issuer: ResolvedIssuer,
  config: ResolvedConfig,
): Grant | Failure {
  const { claims } = token
  const scopes = parseScope(claims)
  if (isFailure(scopes)) return scopes
  const long = ['sub', 'client_id'].find((claim) => !isExpressible(claims[claim] as string))
  if (long !== undefined) return failure('identity_inexpressible', { claim: long })
  const selected = selectFacts(claims, config.identity.claims)
  if (isFailure(selected)) return selected
  return {
    principal: {
      kind: claims['sub'] === claims['client_id'] ? 'client' : 'user',
      id: claims['sub'] as string,
    },
    clientId: claims['client_id'] as string,
    scopes,
    issuer: issuer.name,
    expiresAt: claims['exp'] as number,
    notBefore: (member(claims, 'nbf') as number | undefined) ?? null,
    tokenId: (member(claims, 'jti') as string | undefined) ?? null,
    facts: selected.facts,
  }
}
