// What the answers of an API with DPoP have besides: the challenges of both schemes, and nonces. RFC 9449 sections 7.1,
// 7.2, 8.2 and 9. The error stands in the challenge of the scheme that the request used, and the other has none. Bearer
// comes first, because some clients read a challenge only if the field begins with it. The challenge for a nonce stands
// alone, because some clients of DPoP make their proof again only if the field has no other.

import type { CoreConfig, ResolvedRoute } from '../../config/config.ts'
import type { Decision, Deny } from '../../decision.ts'
import { toChallenge } from '../../failures/challenge.ts'
import { failureRow } from '../../failures/failure.ts'
import type { Ports } from '../../platform/ports.ts'
import type { DecisionContext } from '../../request/decision-context.ts'
import { acceptedOn, MTLS, UNBOUND, WITH_DPOP } from '../demand.ts'
import type { Nonces } from './nonces.ts'
import { isDpopScheme } from './scheme.ts'

export interface Answers {
  /** The response to this request shall have a new nonce. */
  renewNonce(context: DecisionContext, nonce: string): void
  complete(decision: Decision, context: DecisionContext): Decision
}

/** Errors that a challenge of Bearer cannot have. */
const OF_DPOP: ReadonlySet<string | null> = new Set(['invalid_dpop_proof', 'use_dpop_nonce'])

/** Codes whose answer has a nonce: the client has to make a proof, or to make it again. */
const WITH_NONCE: ReadonlySet<string> = new Set([
  'credential_missing',
  'dpop_proof_missing',
  'dpop_nonce_required',
])

export function createAnswers(config: CoreConfig, { now }: Ports, nonces: Nonces | null): Answers {
  const { realm, dpop } = config
  const algs = `algs="${[...dpop!.algorithms].join(' ')}"`
  const accepted = new Map<ResolvedRoute, number>()
  const renewals = new WeakMap<DecisionContext, string>()

  function acceptedBy(route: ResolvedRoute): number {
    let set = accepted.get(route)
    if (set === undefined) {
      set = acceptedOn(route, config)
      accepted.set(route, set)
    }
    return set
  }

  /** `undefined`: that of Bearer alone, as everywhere. */
  function challengeOf(deny: Deny, context: DecisionContext): string | undefined {
    const { route } = context
    const set = route === undefined || route.demand === null ? UNBOUND : acceptedBy(route)
    if ((set & WITH_DPOP) === 0) return undefined
    const row = failureRow(deny.code)
    const used = isDpopScheme(context) || OF_DPOP.has(row.error) ? 'DPoP' : 'Bearer'
    const isBoth = deny.code === 'credential_repeated'
    // RFC 9449 section 7.2: the challenge of Bearer tells why a bound token was refused that came with it.
    const isDowngrade = deny.code === 'sender_constraint_unproven' && used === 'Bearer'
    const isBearer = deny.code !== 'dpop_nonce_required' && ((set & (UNBOUND | MTLS)) !== 0 || isDowngrade)
    const withError = (scheme: string) => isBoth || scheme === used || !isBearer
    return [
      ...(isBearer ? [toChallenge('Bearer', deny, row, [`realm="${realm}"`], withError('Bearer'))] : []),
      toChallenge('DPoP', deny, row, isBearer ? [] : [`realm="${realm}"`], withError('DPoP'), [algs]),
    ].join(', ')
  }

  const nonceFor = ({ code }: Deny, { deadline: { waitUntil } }: DecisionContext): string | null =>
    WITH_NONCE.has(code) ? (nonces?.current(now() / 1000, waitUntil) ?? null) : null

  function completeDeny(deny: Deny, context: DecisionContext): Deny {
    const { status, error } = failureRow(deny.code)
    if (status !== 401 && error === null) return deny
    const challenge = challengeOf(deny, context)
    if (challenge === undefined) return deny
    const nonce = nonceFor(deny, context)
    return { ...deny, challenge, ...(nonce === null ? {} : { dpopNonce: nonce }) }
  }

  return {
    renewNonce: (context, nonce) => void renewals.set(context, nonce),
    complete(decision, context) {
      if (!decision.allow) return completeDeny(decision, context)
      // In report-only as well, so that the log tells clients that use nonces from those that do not.
      const { wouldDeny } = decision
      const dpopNonce =
        wouldDeny?.code === 'dpop_nonce_required' ? nonceFor(wouldDeny, context) : renewals.get(context)
      return dpopNonce == null ? decision : { ...decision, dpopNonce }
    },
  }
}
