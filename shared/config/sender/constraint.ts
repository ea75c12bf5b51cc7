// `senderConstraint`: whether access tokens have to be bound to their sender. A bound token (`cnf`) is never accepted
// without proof. RFC 7800 section 3.1, RFC 9449, RFC 8705.

import type { AddProblem } from '../checks.ts'
import type { Meanings } from '../meaning.ts'
import { optional, wordOf } from '../setting.ts'

/**
 * Which tokens are accepted. `none`: those that are bound to nobody; bound ones are refused. `any`: both, and of a
 * bound one every binding is proven. `dpop`: those that are bound to a DPoP key. `mtls`: those that are bound to a
 * client certificate. `bound`: those that are bound in one of these ways, or in both.
 *
 * An issuer with `dpop` or `mtls` has no token that is bound in both ways: such a token is refused. A route with `dpop`
 * or `mtls` takes it, with both proofs.
 */
export type SenderConstraintDemand = 'none' | 'any' | 'dpop' | 'mtls' | 'bound'

export const SENDER_CONSTRAINT = optional(
  wordOf<SenderConstraintDemand>(['none', 'any', 'dpop', 'mtls', 'bound']),
)

export const issuerSenderMeanings = (): Meanings<'senderConstraint'> => ({
  senderConstraint: {
    absent: '`none`',
    row: SENDER_CONSTRAINT,
    meaning:
      'whether its tokens have to be bound to their sender: `none`, `any`, `dpop`, `mtls` or `bound`: [dpop.md](dpop.md), [mtls.md](mtls.md)',
  },
})

/** `path`: of the issuer. */
export function checkSenderConstraint(
  value: unknown,
  path: string,
  addProblem: AddProblem,
): { readonly senderConstraint?: SenderConstraintDemand } {
  const demand = SENDER_CONSTRAINT.check(value, `${path}.senderConstraint`, addProblem)
  return demand === null ? {} : { senderConstraint: demand }
}
