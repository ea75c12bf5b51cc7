// The decision about one request, top to bottom. Each stage looks at one thing; the first failure is the answer, and
// what no stage allows is refused. A stage is a slot (stages.ts); the room of its name fills it.

import type { ResolvedRoute } from './config/config.ts'
import type { Credential } from './credential/bearer.ts'
import { isFailure, type Failure } from './failures/failure.ts'
import type { DecisionContext } from './request/decision-context.ts'
import type { Granted, Outcome, RouteMatch, Stages } from './stages.ts'
import type { ReadToken, Soon } from './token/token-reader.ts'

/** May this request pass? On a public route nothing is asked of the caller, not even a credential. */
export function decide(context: DecisionContext, stages: Stages): Soon<Outcome> {
  const { request } = context
  const credential = stages.readCredential(request)
  const match = stages.matchRoute(request)
  note(context, credential, match)
  if (isFailure(match)) return match
  const unanswerable = stages.checkAnswerable(request)
  if (unanswerable !== null) return unanswerable
  if (match.route.demand === null) return null
  if (isFailure(credential)) return credential
  return andThen(grantOf(credential, match.route, context, stages), (granted) =>
    permit(granted, match, context, stages),
  )
}

/**
 * The same stages for an answer about more than one request: the token comes first, on public routes too, so that its
 * grant is known (`context.grant`) whatever the route says. `anyRoute` demands nothing.
 */
export function examine(context: DecisionContext, stages: Stages, anyRoute: ResolvedRoute): Soon<Outcome> {
  const { request } = context
  const credential = stages.readCredential(request)
  const match = stages.matchRoute(request)
  note(context, credential, match)
  const unanswerable = stages.checkAnswerable(request)
  if (unanswerable !== null) return unanswerable
  if (isFailure(credential)) return credential
  return andThen(grantOf(credential, anyRoute, context, stages), (granted) => {
    if (isFailure(match)) return match
    return match.route.demand === null ? null : permit(granted, match, context, stages)
  })
}

/** From a credential to what it grants, wherever it is used: everything that is asked of the token itself. */
function grantOf(
  credential: Credential,
  route: ResolvedRoute,
  context: DecisionContext,
  stages: Stages,
): Soon<Granted | Failure> {
  const reader = stages.selectReader(credential, route)
  if (isFailure(reader)) return reader
  return andThen(reader.read(credential, route, context), (token) => {
    const refused = reader.checkClaims(token, context)
    if (refused !== null) return refused
    return andThen(checkUse(token, route, context, stages), () => stages.toGrant(token, reader, context))
  })
}

/** Whether the sender of the token is the one that it is bound to, and whether it has been revoked. */
function checkUse(
  token: ReadToken,
  route: ResolvedRoute,
  context: DecisionContext,
  stages: Stages,
): Soon<Failure | null> {
  const unproven = stages.checkSender(token, route, context)
  if (unproven instanceof Promise) return checkLate(unproven, token, route, context, stages)
  return unproven ?? stages.checkRevocation(token, route, context)
}

const checkLate = async (
  unproven: Promise<Failure | null>,
  token: ReadToken,
  route: ResolvedRoute,
  context: DecisionContext,
  stages: Stages,
): Promise<Failure | null> => (await unproven) ?? stages.checkRevocation(token, route, context)

/** Whether what the token grants is what the route demands. */
function permit(granted: Granted, match: RouteMatch, context: DecisionContext, stages: Stages): Outcome {
  return stages.checkPolicy(granted, match, context) ?? granted.grant
}

function note(context: DecisionContext, credential: Credential | Failure, match: RouteMatch | Failure): void {
  if (!isFailure(credential)) context.token = credential.token
  if (isFailure(match)) return
  context.route = match.route
  context.resource = match.resource
}

/** Goes on with a result unless it is a failure; at once where it is there, because a promise costs as much as several stages. */
function andThen<Result, Next>(
  result: Soon<Result | Failure>,
  next: (result: Result) => Soon<Next>,
): Soon<Next | Failure> {
  if (result instanceof Promise) return result.then((late) => andThen<Result, Next>(late, next))
  return isFailed(result) ? result : next(result)
}

const isFailed = <Result>(result: Result | Failure): result is Failure =>
  result !== null && isFailure(result as object)
