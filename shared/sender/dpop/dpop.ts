// Proves that a token is bound to the DPoP key that the client has. RFC 9449 sections 7.1 and 7.2.

import type { CoreConfig, ResolvedDpop, ResolvedRoute } from '../../config/config.ts'
import { failure, isFailure, type Failure } from '../../failures/failure.ts'
import type { Parts } from '../../parts/parts.ts'
import type { Ports } from '../../platform/ports.ts'
import type { DecisionContext } from '../../request/decision-context.ts'
import { findPublicUrl } from '../../request/public-url.ts'
import { WEBSOCKET_CONNECT } from '../../routes/path-template.ts'
import { member } from '../../token/strict-json.ts'
import type { ReadToken } from '../../token/token-reader.ts'
import type { ConfirmationMethod } from '../confirmation-method.ts'
import { WITH_DPOP } from '../demand.ts'
import { createAnswers } from './answers.ts'
import { canonicalUrl } from './htu.ts'
import { createProofCheck, PROOF_STEPS } from './proof.ts'
import { createReplayCheck } from './replay.ts'
import { isDpopScheme } from './scheme.ts'

/** The proofs in a request. An edge may join two fields with a comma, which no proof has. */
const proofsOf = ({ request: { fields } }: DecisionContext): readonly string[] =>
  (fields?.['dpop'] ?? []).flatMap((value) => value.split(','))

/** Why a request contradicts the kind of its token, or `null`. RFC 9449 sections 7.1 and 7.2. */
function findMisuse(kind: number, accepted: number, context: DecisionContext): Failure | null {
  const isDpop = isDpopScheme(context)
  if ((accepted & WITH_DPOP) === 0) return isDpop ? failure('credential_scheme') : null
  if ((kind & WITH_DPOP) !== 0 || (kind & accepted) === 0) return null
  if (isDpop) return failure('dpop_scheme_unbound')
  return proofsOf(context).length === 0 ? null : failure('dpop_proof_unexpected')
}

/** The proof of a bound token, or why it may not even be checked. */
function findProof({ header, claims }: ReadToken, context: DecisionContext): string | Failure {
  const unproven = failure('sender_constraint_unproven')
  if (!isDpopScheme(context)) return unproven
  // Of an introspected token RFC 9449 section 6.2 demands this type.
  const type = header['alg'] === undefined ? member(claims, 'token_type') : undefined
  if (type !== undefined && String(type).toLowerCase() !== 'dpop') return unproven
  // A caller that passes on no fields cannot have a proof checked, and a TOKEN authorizer gets none.
  if (context.request.fields === undefined)
    return failure('sender_constraint_unproven', { problem: 'no_fields' })
  const [proof, ...others] = proofsOf(context)
  if (proof === undefined) return failure('dpop_proof_missing')
  return others.length === 0 ? proof : failure('dpop_proof_invalid', { problem: 'repeated' })
}

/** The bases of the URLs of this API by host and port, without the last slash. Never from a field of the request. */
function basesOf({ publicUrls, resources }: CoreConfig): CoreConfig['publicUrls'] {
  if (publicUrls.size > 0) return publicUrls
  const urls = resources.map(({ identifier }) => new URL(identifier))
  return new Map(urls.map(({ host, origin }) => [host, origin]))
}

/** @internal Tests replace one at a time. */
export const DPOP_STEPS = { findMisuse, findProof, ...PROOF_STEPS, createReplayCheck }

/** @internal */
export function createDpop(
  config: CoreConfig,
  ports: Ports,
  { keyTypes, dpopNonces, dpopReplays }: Pick<Parts, 'keyTypes' | 'dpopNonces' | 'dpopReplays'>,
  steps: typeof DPOP_STEPS = DPOP_STEPS,
): ConfirmationMethod {
  const dpop: ResolvedDpop = config.dpop!
  const checkProof = createProofCheck(dpop, ports, keyTypes, steps)
  const checkReplay = steps.createReplayCheck(dpop, ports, dpopReplays)
  const nonces = dpop.nonce === null ? null : dpopNonces!(dpop.nonce, ports)
  const answers = createAnswers(config, ports, nonces)
  const bases = basesOf(config)
  const allBases = [...bases.values()]

  /** An edge that knows the host of the request chooses among the configured URLs. */
  function urlsOf({ request: { origin, path, isPathDecoded } }: DecisionContext): readonly (string | null)[] {
    const isKnown = origin !== undefined && bases.size > 0
    const chosen = isKnown ? findPublicUrl(origin, { publicUrls: bases }) : null
    const urls = chosen === null ? allBases : [chosen]
    if (path === WEBSOCKET_CONNECT) return urls.map((url) => canonicalUrl(url))
    // API Gateway takes the URL of a stage or mapping for its root, with the slash or without it.
    const paths = path === '/' ? ['/', ''] : [path]
    return urls.flatMap((base) => paths.map((suffix) => canonicalUrl(base + suffix, isPathDecoded)))
  }

  async function prove(
    proof: string,
    thumbprint: string,
    route: ResolvedRoute,
    context: DecisionContext,
  ): Promise<Failure | null> {
    const { checkTime: nowSeconds, deadline, request } = context
    const good = await checkProof(proof, {
      token: context.token!,
      thumbprint,
      method: request.method,
      urls: urlsOf(context),
      isPathDecoded: request.isPathDecoded,
      nowSeconds,
    })
    if (isFailure(good)) return good
    const { jti, iat, nonce } = good
    let until = iat + dpop.maxAgeSeconds + dpop.futureSeconds
    if (nonces !== null) {
      const checked = await nonces.check(nonce, nowSeconds, deadline)
      if (isFailure(checked)) return checked
      if (checked.until === null)
        return failure('dpop_nonce_required', { problem: nonce === undefined ? 'missing' : 'not_accepted' })
      if (checked.next !== null) answers.renewNonce(context, checked.next)
      until = checked.until
    }
    return checkReplay({ thumbprint, jti, until }, route, nowSeconds, deadline)
  }

  return {
    needs: { fields: ['dpop'], clientCertificate: false },
    begins: /^(?:bearer|dpop) /i,
    findMisuse: steps.findMisuse,
    prove(token, thumbprint, route, context) {
      const proof = steps.findProof(token, context)
      return typeof proof === 'string' ? prove(proof, thumbprint, route, context) : proof
    },
    complete: answers.complete,
  }
}
