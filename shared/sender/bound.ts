// Fills the slot for sender constraints: which tokens a route accepts, and the proof of every binding that a token has.
// RFC 7800 section 3.1, RFC 9449 section 7.2, RFC 8705 section 3. The token has been checked before; no value lets a
// bound token pass without proof.

import type { CoreConfig, ResolvedRoute } from '../config/config.ts'
import type { Grant } from '../decision.ts'
import { failure, isFailure, type Failure } from '../failures/failure.ts'
import type { Parts } from '../parts/parts.ts'
import type { Ports } from '../platform/ports.ts'
import type { DecisionContext } from '../request/decision-context.ts'
import type { Granted } from '../stages.ts'
import type { ReadToken, Soon } from '../token/token-reader.ts'
import { readConfirmation, type Confirmation } from './confirmation.ts'
import type { ConfirmationMethod } from './confirmation-method.ts'
import { acceptedOf, kindOf, UNBOUND } from './demand.ts'
import type { SenderConstraint } from './sender-constraint.ts'

/** Why a route does not accept tokens of this kind, or `null`. */
function checkAccepted(kind: number, accepted: number): Failure | null {
  if ((accepted & kind) !== 0) return null
  return failure(kind === UNBOUND ? 'sender_constraint_missing' : 'sender_constraint_unproven')
}

/** @internal Tests replace one at a time. */
export const BOUND_STEPS = { readConfirmation, checkAccepted }

const senderOf = ({ jkt, x5t }: Confirmation): NonNullable<Grant['sender']> => {
  if (x5t === null) return 'dpop'
  return jkt === null ? 'mtls' : 'dpop mtls'
}

/** @internal */
export function createBound(
  config: CoreConfig,
  ports: Ports,
  parts: Parts,
  steps: typeof BOUND_STEPS = BOUND_STEPS,
): SenderConstraint {
  const dpop = config.dpop ? parts.dpop!(config, ports, parts) : null
  const mtls = config.mtls ? parts.mtls!(config, ports, parts) : null
  const methods = [mtls, dpop].filter((method) => method !== null)
  const senders = new WeakMap<Grant, Grant>()

  const proveBy = (
    method: ConfirmationMethod | null,
    thumbprint: string | null,
    ...[token, route, context]: [ReadToken, ResolvedRoute, DecisionContext]
  ): Soon<Failure | null> => {
    if (thumbprint === null) return null
    if (method === null) return failure('sender_constraint_unproven')
    return method.prove(token, thumbprint, route, context)
  }

  /** The certificate comes first: it costs little, and a proof counts as used once it was good. */
  function proveAll(
    { jkt, x5t }: Confirmation,
    ...about: [ReadToken, ResolvedRoute, DecisionContext]
  ): Soon<Failure | null> {
    const byCertificate = proveBy(mtls, x5t, ...about)
    if (byCertificate instanceof Promise)
      return byCertificate.then((failed) => failed ?? proveBy(dpop, jkt, ...about))
    return byCertificate ?? proveBy(dpop, jkt, ...about)
  }

  const check: SenderConstraint['check'] = (token, anyRoute, context) => {
    // `examine` checks a token for any route; what the route of this request demands counts there as well.
    const route = context.route ?? anyRoute
    const accepted = acceptedOf(token.issuer, route, config)
    const confirmation = steps.readConfirmation(token.claims)
    const kind = kindOf(confirmation)
    for (const method of methods) {
      const misuse = method.findMisuse?.(kind, accepted, context) ?? null
      if (misuse !== null) return misuse
    }
    const refused = steps.checkAccepted(kind, accepted)
    return refused ?? (confirmation ? proveAll(confirmation, token, route, context) : null)
  }

  /** The grant with its sender. One object for each grant, because edges keep facts about a grant by its object. */
  function withSender(grant: Grant, confirmation: Confirmation): Grant {
    let bound = senders.get(grant)
    if (bound === undefined) {
      bound = Object.freeze({ ...grant, sender: senderOf(confirmation) })
      senders.set(grant, bound)
    }
    return bound
  }

  function addSender(granted: Granted | Failure, context: DecisionContext): Granted | Failure {
    if (isFailure(granted)) return granted
    const confirmation = steps.readConfirmation(granted.token.claims)
    if (!confirmation) return granted
    const grant = withSender(granted.grant, confirmation)
    context.grant = grant
    return { ...granted, grant }
  }

  return {
    needs: {
      fields: methods.flatMap(({ needs }) => needs.fields),
      clientCertificate: methods.some(({ needs }) => needs.clientCertificate),
    },
    ...(dpop?.begins === undefined ? {} : { begins: dpop.begins }),
    check,
    withSender: (toGrant) => (token, reader, context) => {
      const granted: Soon<Granted | Failure> = toGrant(token, reader, context)
      return granted instanceof Promise
        ? granted.then((late) => addSender(late, context))
        : addSender(granted, context)
    },
    complete: (decision, context) => dpop?.complete?.(decision, context) ?? decision,
  }
}
