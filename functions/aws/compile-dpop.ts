// What the Lambda authorizers need for tokens that are bound to a DPoP key, and what API Gateway cannot do for them:
// keep an answer, send a nonce, or tell its function the URL of a request. RFC 9449 sections 4.3, 8 and 11.1.

import { asksReplayStore, type UsedPart } from '../../shared/compiler.ts'
import type { ConfigProblem, ResolvedConfig } from '../../shared/index.ts'
import { functionsOf, type CheckedFunctions, type FunctionSettings } from './functions-of.ts'

/** Whether bound tokens may be accepted by a function. */
const maySeeBound = ([, { senderConstraint }]: FunctionSettings): boolean => senderConstraint === undefined

/**
 * The functions that are checked. Where functions are named, `aws` itself holds what they share, and `plannedDpop` has
 * a function refuse bound tokens that runs with it all the same, unless its strategy is `off`.
 */
function checkedFunctions(config: ResolvedConfig, checked: CheckedFunctions): readonly FunctionSettings[] {
  const all = functionsOf(config, checked)
  return all.length > 1 ? all.slice(1) : all
}

const KEPT =
  'must be "off" for a function that accepts bound tokens: API Gateway would give an answer that it keeps to a request with another proof, or with none; for an authorizer of plain tokens alone, set its senderConstraint to "none"'

const NO_URL =
  'is missing; a DPoP proof names the URL of its request, which API Gateway does not tell its function reliably; list every URL under which clients know the API, with the path of its stage or mapping'

const NO_NONCES =
  'cannot be used on API Gateway: an HTTP API sends no header field with a refusal, and a REST API none with a 401 of an authorizer; give the Worker a stage of its own'

/** A policy of the strategy `table` is about every route, and a token is checked once for it. */
function findTableProblem(
  [path, { strategy }]: FunctionSettings,
  { routes }: ResolvedConfig,
): readonly ConfigProblem[] {
  const route = routes.find(({ senderConstraint }) => senderConstraint !== undefined)
  if (strategy !== 'table' || route === undefined) return []
  return [
    {
      path: `${path}.strategy`,
      message: `cannot be "table" where a route has a senderConstraint (${route.name}: ${route.senderConstraint}): a policy is about every route`,
    },
  ]
}

/** What of DPoP cannot work on API Gateway, or is missing for it. */
export function findDpopProblems(
  config: ResolvedConfig,
  checked: CheckedFunctions,
): readonly ConfigProblem[] {
  const { dpop } = config
  if (!dpop) return []
  const functions = checkedFunctions(config, checked)
  const ofBound = functions.filter(maySeeBound)
  const problems = ofBound
    .filter(([, { strategy }]) => strategy !== 'off')
    .map(([path]) => ({ path: `${path}.strategy`, message: KEPT }))
  const others = functionsOf(config, checked).filter(([path]) => !ofBound.some(([bound]) => bound === path))
  problems.push(...others.flatMap((one) => findTableProblem(one, config)))
  if (dpop.nonce !== null) problems.push({ path: 'dpop.nonce', message: NO_NONCES })
  if (ofBound.length === 0) return problems
  if (config.publicUrls.size === 0) problems.push({ path: 'publicUrls', message: NO_URL })
  if (asksReplayStore(config) && dpop.replay.dynamodb === null)
    problems.push({
      path: 'dpop.replay.dynamodb',
      message: 'is missing; a route has replay: "strong", for which the Lambda asks this table',
    })
  return problems
}

export function dpopParts(config: ResolvedConfig): readonly UsedPart[] {
  const { dpop } = config
  if (!dpop) return []
  return [
    { name: 'aws/request-needs', because: 'senderConstraint' },
    ...[...dpop.algorithms].map((algorithm) => ({
      name: `aws/${algorithm.slice(0, 2).toLowerCase()}`,
      because: `dpop.algorithms has ${algorithm}`,
    })),
    ...(asksReplayStore(config) && dpop.replay.dynamodb !== null
      ? [{ name: 'aws/replays', because: 'dpop.replay.dynamodb' }]
      : []),
  ]
}

/**
 * The members that the functions read. A function that runs with `aws` itself refuses bound tokens unless it is `off`.
 */
export function plannedDpop({ dpop, aws: { caches: _, ...aws } }: ResolvedConfig) {
  if (!dpop) return {}
  const { durableObject: __, ...replay } = dpop.replay
  return {
    dpop: { ...dpop, replay },
    aws: aws.strategy === 'off' ? aws : { ...aws, senderConstraint: 'none' },
  }
}
