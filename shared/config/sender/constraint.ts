// `senderConstraint`: whether access tokens have to be bound to their sender. A bound token (`cnf`) is never accepted
// without proof. RFC 7800 section 3.1, RFC 9449, RFC 8705.

import type { AddProblem } from '../checks.ts'
import type { Meanings } from '../meaning.ts'
import { optional, wordOf } from '../setting.ts'

/**
 * Which tokens are accepted. `none`: those that are bound to nobody; bound ones are refused. `any`: both, and of a
 * bound one the binding is proven. `dpop`: those that are bound to a DPoP key. `bound`: those that are bound, in any
 * way that is known.
 */
export type SenderConstraintDemand = 'none' | 'any' | 'dpop' | 'bound'

export const SENDER_CONSTRAINT = optional(wordOf<SenderConstraintDemand>(['none', 'any', 'dpop', 'bound']))

export const issuerSenderMeanings = (): Meanings<'senderConstraint'> => ({
  senderConstraint: {
    absent: '`none`',
    row: SENDER_CONSTRAINT,
    meaning:
      'whether its tokens have to be bound to their sender: `none`, `any`, `dpop` or `bound`: [dpop.md](dpop.md)',
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
