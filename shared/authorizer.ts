// Wiring: a configuration and ports in, `authorize` out. What happens to a request stands in pipeline.ts.

import { createAudit } from './audit/audit.ts'
import { createSafeReport } from './audit/decision-event.ts'
import type { LanekeeperConfig, ResolvedConfig, ResolvedIssuer, ResolvedRoute } from './config/config.ts'
import { resolveConfig, type Surroundings } from './config/resolve.ts'
import type { AuthorizationRequest, Decision, Grant } from './decision.ts'
import { toDeny } from './failures/deny.ts'
import { failure, failureRow, isFailure, type Failure } from './failures/failure.ts'
import { createToDecision } from './failures/to-decision.ts'
import { createGrantStage } from './grant/grant-stage.ts'
import { createIntrospectionReader } from './introspection/introspection-reader.ts'
import type { Facts, FactsShelf } from './introspection/token-questions.ts'
import { createIssuerKeys } from './keys/issuer-keys.ts'
import { decide, examine } from './pipeline.ts'
import { createWatch } from './platform/deadline.ts'
import type { GivenPorts, Ports, WaitUntil } from './platform/ports.ts'
import { webCrypto } from './platform/web-crypto.ts'
import { NO_CONDITIONS } from './config/conditions.ts'
import { createPolicyStage } from './policy/policy.ts'
import { createContext, type DecisionContext } from './request/decision-context.ts'
import { readRequest } from './request/read-request.ts'
import { createPlaceFinder } from './routes/find-place.ts'
import { SECRET_TIMES } from './secrets/secret.ts'
import type { Outcome, Stages } from './stages.ts'
import { STEPS, type Steps } from './steps.ts'
import { createJwtReader } from './token/jwt-reader.ts'

export interface Authorizer {
  /**
   * Decides about one request. Never throws: what goes wrong is a `Deny` with a code of `FAILURES`, and so is the
   * answer to an argument that is no request (`request_unrecognised`), report-only or not.
   *
   * `waitUntil` keeps a key refresh alive after the response (`ctx.waitUntil` on Workers).
   *
   * Does not read the body. A JWT that is verified here is good until `exp`: whether it has been revoked is not
   * known. What an issuer said about an opaque token is believed for `cacheSeconds`.
   */
  authorize(request: AuthorizationRequest, waitUntil?: WaitUntil): Promise<Decision>
  /** The rule for a method and a path, whoever asks; `null` where none covers them. */
  findRoute(method: string, path: string): ResolvedRoute | null
  /**
   * Decides like `authorize`, but asks for a token on every route, public ones included, and verifies it before the
   * route is looked at. So the grant is known whenever the token is good, for an answer about more than one request.
   *
   * `grant` is `null` unless every check of the token itself has passed. It says nothing about the route.
   */
  examine(request: AuthorizationRequest, waitUntil?: WaitUntil): Promise<Examination>
  /** The configuration in force. */
  readonly config: ResolvedConfig
}

export interface Examination {
  readonly decision: Decision
  readonly grant: Grant | null
}

/** What a token is asked of where no route is to play a part: nothing but to be good. */
const ANY_ROUTE: ResolvedRoute = {
  path: '',
  methods: [],
  name: '',
  demand: { allOf: [], anyOf: [] },
  issuer: null,
  resources: [],
  conditions: NO_CONDITIONS,
  sharedCaches: false,
  reportOnly: false,
}

type Pipeline = (context: DecisionContext) => Promise<Outcome>

/** @internal `assembleAuthorizer` with other steps, which tests alone have. */
export function assembleFromSteps(
  givenConfig: LanekeeperConfig,
  givenPorts: Ports,
  surroundings: Surroundings,
  steps: Steps,
): Authorizer {
  const config = resolveConfig(
    givenConfig,
    givenPorts.secrets === undefined ? { ...surroundings, secretKinds: [] } : surroundings,
  )
  const ports: Ports = { ...givenPorts, report: createSafeReport(givenPorts.report) }
  for (const { path, message } of config.warnings)
    ports.report({ event: 'config', outcome: 'accepted', code: 'warning', setting: path, message })

  const keys = createIssuerKeys(config, ports, steps)
  const shelf: FactsShelf = { memory: undefined }
  const issuers = [...config.issuers.values()]
  const questions = new Map<ResolvedIssuer, Facts>(
    issuers.map((issuer) => [issuer, steps.createFacts(issuer, keys.storeOf(issuer), shelf, ports)]),
  )
  const questionsOf = (issuer: ResolvedIssuer): Facts => questions.get(issuer)!
  const cache = steps.createTokenMemory(config.limits.tokenMemoryBytes)
  const jwtReader = createJwtReader(config, ports, keys, cache, steps)
  const introspectionReaders = new Map(
    issuers.map((issuer) => [issuer, createIntrospectionReader(issuer, questionsOf(issuer), ports, steps)]),
  )
  const places = createPlaceFinder(config, steps)

  const stages: Stages = {
    readCredential: (request) => steps.readCredential(request, cache.get),
    findPlace: places.find,
    checkAnswerable: ({ isUnnameable }) =>
      isUnnameable === true ? failure('target_too_long', { problem: 'cannot_be_named' }) : null,
    selectReader({ token, verified, parts }, route) {
      const issuer = verified === undefined ? steps.selectReader(token, route, config, parts) : null
      if (issuer === null) return jwtReader
      return isFailure(issuer) ? issuer : introspectionReaders.get(issuer)!
    },
    checkSender: ({ claims }) => steps.checkBinding(claims),
    checkRevocation: () => null,
    toGrant: createGrantStage(config, questionsOf, surroundings.canCarry ?? (() => true), steps),
    checkPolicy: createPolicyStage(steps),
  }

  /** Seconds until it is worth asking again. */
  function retryAfterSeconds(failed: Failure, { issuer }: DecisionContext): number {
    const { waitsFor } = failureRow(failed.code)
    if (waitsFor === 'secret') return SECRET_TIMES.retryMs / 1000
    if (waitsFor === undefined || issuer === undefined) return 1
    return waitsFor === 'keys'
      ? keys.storeOf(issuer).retryAfterSeconds()
      : questionsOf(issuer).retryAfterSeconds(failed)
  }

  const audit = createAudit(config, ports)
  const toDecision = createToDecision(config, retryAfterSeconds, steps.isReportOnly)

  async function run(
    given: AuthorizationRequest,
    waitUntil: WaitUntil | undefined,
    pipeline: Pipeline,
  ): Promise<Examination> {
    const deadline = createWatch(ports, waitUntil)
    const request = readRequest(given)
    if (isFailure(request)) {
      // Nobody knows what was meant, so this holds even where nothing is enforced.
      const decision = toDeny(request, undefined, null, () => 1)
      audit.recordUnrecognised(decision, deadline)
      return { decision, grant: null }
    }
    const context = createContext(request, deadline)
    audit.prepare(request, waitUntil)
    let decision: Decision
    try {
      decision = toDecision(await pipeline(context), context)
    } catch (error) {
      const detail = { error: error instanceof Error ? error.name : typeof error }
      decision = toDecision(failure('internal_error', detail), context)
    }
    audit.record(decision, context)
    return { decision, grant: context.grant }
  }

  const deciding: Pipeline = (context) => decide(context, stages)
  const examining: Pipeline = (context) => examine(context, stages, ANY_ROUTE)
  return {
    config,
    authorize: async (request, waitUntil) => (await run(request, waitUntil, deciding)).decision,
    examine: (request, waitUntil) => run(request, waitUntil, examining),
    findRoute(method, path) {
      const route = places.match(method, path)
      return isFailure(route) ? null : route
    },
  }
}

/**
 * The same as `createAuthorizer`, for a platform that brings its own cryptography: nothing else is bundled then.
 *
 * @throws {ConfigError} if the configuration cannot be used.
 */
export const assembleAuthorizer = (
  config: LanekeeperConfig,
  ports: Ports,
  surroundings: Surroundings = {},
): Authorizer => assembleFromSteps(config, ports, surroundings, STEPS)

/**
 * Creates the authorizer for one stage of a configuration.
 *
 * @throws {ConfigError} if the configuration cannot be used; it lists every problem with its path.
 */
export const createAuthorizer = (
  config: LanekeeperConfig,
  ports: GivenPorts,
  surroundings: Surroundings = {},
): Authorizer =>
  assembleFromSteps(config, { ...ports, crypto: ports.crypto ?? webCrypto }, surroundings, STEPS)
