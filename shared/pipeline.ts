// The decision about one request, top to bottom. Each stage looks at one thing; the first failure is the answer, and
// what no stage allows is refused. A stage is a slot (stages.ts); the room of its name fills it.

import type { ResolvedRoute } from './config/config.ts'
import type { Credential } from './credential/bearer.ts'
import { isFailure, type Failure } from './failures/failure.ts'
import type { DecisionContext } from './request/decision-context.ts'
import type { Granted, Outcome, Place, Stages } from './stages.ts'

/** May this request pass? On a public route nothing is asked of the caller, not even a credential. */
export async function decide(context: DecisionContext, stages: Stages): Promise<Outcome> {
  const { request } = context
  const credential = stages.readCredential(request)
  const place = stages.findPlace(request)
  note(context, credential, place)
  if (isFailure(place)) return place
  const unanswerable = stages.checkAnswerable(request)
  if (unanswerable !== null) return unanswerable
  if (place.route.demand === null) return null
  if (isFailure(credential)) return credential
  const granted = await grantOf(credential, place.route, context, stages)
  if (isFailure(granted)) return granted
  return stages.checkPolicy(granted, place, context) ?? granted.grant
}

/**
 * The same stages for an answer about more than one request: the token comes first, on public routes too, so that its
 * grant is known (`context.grant`) whatever the route says. `anyRoute` demands nothing.
 */
export async function examine(
  context: DecisionContext,
  stages: Stages,
  anyRoute: ResolvedRoute,
): Promise<Outcome> {
  const { request } = context
  const credential = stages.readCredential(request)
  const place = stages.findPlace(request)
  note(context, credential, place)
  const unanswerable = stages.checkAnswerable(request)
  if (unanswerable !== null) return unanswerable
  if (isFailure(credential)) return credential
  const granted = await grantOf(credential, anyRoute, context, stages)
  if (isFailure(granted)) return granted
  if (isFailure(place)) return place
  if (place.route.demand === null) return null
  return stages.checkPolicy(granted, place, context) ?? granted.grant
}

/** From a credential to what it grants, wherever it is used: everything that is asked of the token itself. */
async function grantOf(
  credential: Credential,
  route: ResolvedRoute,
  context: DecisionContext,
  stages: Stages,
): Promise<Granted | Failure> {
  const reader = stages.selectReader(credential, route)
  if (isFailure(reader)) return reader
  const token = await reader.read(credential, route, context)
  if (isFailure(token)) return token
  const refused = reader.checkClaims(token, context)
  if (refused !== null) return refused
  const unproven = await stages.checkSender(token, route, context)
  if (unproven !== null) return unproven
  const revoked = await stages.checkRevocation(token, route, context)
  if (revoked !== null) return revoked
  const granted = await stages.toGrant(token, reader, context)
  if (!isFailure(granted)) context.grant = granted.grant
  return granted
}

function note(context: DecisionContext, credential: Credential | Failure, place: Place | Failure): void {
  if (!isFailure(credential)) context.token = credential.token
  if (isFailure(place)) return
  context.route = place.route
  context.resource = place.resource
}
