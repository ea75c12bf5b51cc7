// What the Lambda authorizers need for bound tokens, and what API Gateway cannot do for them: keep an answer, send a
// nonce, tell its function the URL of a request, or name the CA of a client certificate. RFC 9449 sections 4.3, 8 and
// 11.1, RFC 8705 section 3.

import { asksReplayStore, type UsedPart } from '../../shared/compiler.ts'
import type { ConfigProblem, ResolvedConfig } from '../../shared/index.ts'
import { functionsOf, type CheckedFunctions, type FunctionSettings } from './functions-of.ts'

type ResolvedDpop = NonNullable<ResolvedConfig['dpop']>
type ResolvedMtls = NonNullable<ResolvedConfig['mtls']>

/** Whether bound tokens may be accepted by a function. */
const maySeeBound = ([, { senderConstraint }]: FunctionSettings): boolean => senderConstraint === undefined

/**
 * The functions that are checked. Where functions are named, `aws` itself holds what they share, and `plannedSender`
 * has a function refuse bound tokens that runs with it all the same, unless its strategy is `off`.
 */
function checkedFunctions(config: ResolvedConfig, checked: CheckedFunctions): readonly FunctionSettings[] {
  const all = functionsOf(config, checked)
  return all.length > 1 ? all.slice(1) : all
}

const KEPT =
  'must be "off" for a function that accepts bound tokens: API Gateway would give an answer that it keeps to a request with another proof or certificate, or with none; for an authorizer of plain tokens alone, set its senderConstraint to "none"'

const NO_URL =
  'is missing; a DPoP proof names the URL of its request, which API Gateway does not tell its function reliably; list every URL under which clients know the API, with the path of its stage or mapping'

const NO_NONCES =
  'cannot be used on API Gateway: an HTTP API sends no header field with a refusal, and a REST API none with a 401 of an authorizer; give the Worker a stage of its own'

const NO_ISSUER =
  'cannot be checked on API Gateway, which does not name the CA of a client certificate by its key; the truststore of the domain says whose certificates it takes; give the Worker a stage of its own'

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

/** What of DPoP is missing for functions that accept bound tokens. */
function findMissing(config: ResolvedConfig, { replay }: ResolvedDpop): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = []
  if (config.publicUrls.size === 0) problems.push({ path: 'publicUrls', message: NO_URL })
  if (asksReplayStore(config) && replay.dynamodb === null)
    problems.push({
      path: 'dpop.replay.dynamodb',
      message: 'is missing; a route has replay: "strong", for which the Lambda asks this table',
    })
  return problems
}

const findMtlsProblems = ({ issuerSki }: ResolvedMtls): readonly ConfigProblem[] =>
  issuerSki === null ? [] : [{ path: 'mtls.issuerSki', message: NO_ISSUER }]

/** What of bound tokens cannot work on API Gateway, or is missing for it. */
export function findSenderProblems(
  config: ResolvedConfig,
  checked: CheckedFunctions,
): readonly ConfigProblem[] {
  const { dpop, mtls } = config
  if (!dpop && !mtls) return []
  const functions = checkedFunctions(config, checked)
  const ofBound = functions.filter(maySeeBound)
  const problems = ofBound
    .filter(([, { strategy }]) => strategy !== 'off')
    .map(([path]) => ({ path: `${path}.strategy`, message: KEPT }))
  const others = functionsOf(config, checked).filter(([path]) => !ofBound.some(([bound]) => bound === path))
  problems.push(...others.flatMap((one) => findTableProblem(one, config)))
  if (dpop && dpop.nonce !== null) problems.push({ path: 'dpop.nonce', message: NO_NONCES })
  if (ofBound.length === 0) return problems
  return [...problems, ...(mtls ? findMtlsProblems(mtls) : []), ...(dpop ? findMissing(config, dpop) : [])]
}

function dpopParts(config: ResolvedConfig, { algorithms, replay }: ResolvedDpop): readonly UsedPart[] {
  return [
    ...[...algorithms].map((algorithm) => ({
      name: `aws/${algorithm.slice(0, 2).toLowerCase()}`,
      because: `dpop.algorithms has ${algorithm}`,
    })),
    ...(asksReplayStore(config) && replay.dynamodb !== null
      ? [{ name: 'aws/replays', because: 'dpop.replay.dynamodb' }]
      : []),
  ]
}

export function senderParts(config: ResolvedConfig): readonly UsedPart[] {
  const { dpop, mtls } = config
  if (!dpop && !mtls) return []
  return [
    { name: 'aws/request-needs', because: 'senderConstraint' },
    ...(dpop ? dpopParts(config, dpop) : []),
  ]
}

function plannedDpop({ replay: { durableObject: _, ...replay }, ...dpop }: ResolvedDpop) {
  return { dpop: { ...dpop, replay } }
}

/**
 * The members that the functions read. A function that runs with `aws` itself refuses bound tokens unless it is `off`.
 */
export function plannedSender({ dpop, mtls, aws: { caches: _, ...aws } }: ResolvedConfig) {
  if (!dpop && !mtls) return {}
  return {
    ...(dpop ? plannedDpop(dpop) : {}),
    aws: aws.strategy === 'off' ? aws : { ...aws, senderConstraint: 'none' },
  }
}
