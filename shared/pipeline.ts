// The decision about one request, top to bottom. Each stage checks one thing; the first failure is the decision. A
// request that no rule covers is refused. A stage is a slot (stages.ts), which the folder of its name fills.

import type { ResolvedRoute } from './config/config.ts'
import type { Credential } from './credential/read-credential.ts'
import { isFailure, type Failure } from './failures/failure.ts'
import type { DecisionContext } from './request/decision-context.ts'
import type { Granted, Outcome, RouteMatch, Stages } from './stages.ts'
import type { ReadToken, Soon } from './token/token-reader.ts'

/** Decides whether a request may pass. A public route requires no credential. */
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
 * The same stages for an answer about more than one request: the token is checked first, on public routes too, so that
 * its grant is known (`context.grant`) even where the route refuses the request. `anyRoute` accepts every valid token.
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

/** Reads a token, runs every check of the token itself and derives its grant. `permit` checks the route's demands. */
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

/** Checks the grant against what the route demands. */
function permit(granted: Granted, match: RouteMatch, context: DecisionContext, stages: Stages): Outcome {
  return stages.checkPolicy(granted, match, context) ?? granted.grant
}

function note(context: DecisionContext, credential: Credential | Failure, match: RouteMatch | Failure): void {
  if (!isFailure(credential)) context.token = credential.token
  if (isFailure(match)) return
  context.route = match.route
  context.resource = match.resource
}

/**
 * Calls `next` with a result that is no failure. Synchronous unless the result is a promise, because a promise costs as
 * much as several stages (docs/adr/0014).
 */
function andThen<Result, Next>(
  result: Soon<Result | Failure>,
  next: (result: Result) => Soon<Next>,
): Soon<Next | Failure> {
  if (result instanceof Promise) return result.then((late) => andThen<Result, Next>(late, next))
  return isFailed(result) ? result : next(result)
}

const isFailed = <Result>(result: Result | Failure): result is Failure =>
  result !== null && isFailure(result as object)
