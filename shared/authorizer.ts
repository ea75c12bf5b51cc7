// The one decision, for every door: may this request pass? Read `decide` from top to bottom. Each step looks
// at one thing and the first refusal is the answer; what no step allows is refused.

import type {
  LanekeeperConfig,
  ResolvedConfig,
  ResolvedIssuer,
  ResolvedResource,
  ResolvedRoute,
} from './config/config.ts'
import { readCredential, type Credential } from './credential/bearer.ts'
import type { AuthorizationRequest, Decision, Grant } from './decision.ts'
import { failure, failureRow, isFailure, type Failure } from './failures/failure.ts'
import { asAsked, freezeGrant, toGrant } from './grant/grant.ts'
import { findAgain, findSigner, type KeyStore } from './keys/key-store.ts'
import { createPublicKeys } from './keys/public-keys.ts'
import { createSharedSecret, type SharedSecret } from './keys/shared-secret.ts'
import type { Claims } from './introspection/introspection-result.ts'
import { completeFacts, FACT_RULES } from './introspection/claim-rules.ts'
import type { Facts, FactsShelf } from './introspection/token-questions.ts'
import { createFacts } from './introspection/lazy-questions.ts'
import { checkHints, checkRouteIssuer, selectReader } from './introspection/select-reader.ts'
import type { GivenPorts, Ports, VerificationKey, WaitUntil } from './platform/ports.ts'
import { resolveConfig, type Surroundings } from './config/resolve.ts'
import { CONDITION_RULES } from './policy/conditions.ts'
import { NO_CONDITIONS } from './config/conditions.ts'
import { toDeny } from './failures/deny.ts'
import { checkDistributed } from './grant/distributed-claims.ts'
import { createWatch, type Watch } from './platform/deadline.ts'
import { createFingerprint } from './audit/fingerprint.ts'
import { clientNamed, clientOf, createSafeReport, toReport } from './audit/decision-event.ts'
import { isReportOnly, letThrough } from './policy/report-only.ts'
import { checkHost } from './request/public-url.ts'
import { NO_REQUEST, readRequest } from './request/read-request.ts'
import { firstRefusal } from './failures/rule.ts'
import { createNearest } from './routes/nearest.ts'
import { createRouteTable } from './routes/route-table.ts'
import { SECRET_TIMES } from './secrets/secret.ts'
import { findResource } from './routes/resource-path.ts'
import { checkTarget, upperCaseEscapes } from './routes/target.ts'
import type { KeyRequest } from './keys/key-set.ts'
import type { MacAlgorithm, SignatureAlgorithm } from './token/algorithms.ts'
import { checkBinding, CLAIM_RULES, FORM_RULES } from './token/claims.ts'
import { parseToken, type ParsedToken } from './token/compact.ts'
import { HEADER_RULES } from './token/header.ts'
import { findUnverifiedKind, LANE_RULES } from './token/kind.ts'
import { withLooks } from './token/looks-like.ts'
import {
  createTokenMemory,
  isProvenBy,
  type Proof,
  type VerifiedToken,
} from './token/verified-token-cache.ts'
import { checkScope } from './grant/scope.ts'
import { verifySignature } from './token/signature.ts'
import { member, type JsonObject } from './token/strict-json.ts'
import { webCrypto } from './platform/web-crypto.ts'

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

/** A platform that shows the path in several fields must show the same one: what is decided is what is served. */
function checkSpellings(request: AuthorizationRequest, config: ResolvedConfig): Failure | null {
  for (const spelling of request.otherSpellings ?? []) {
    const refused = checkTarget(spelling, config.limits.maxPathBytes)
    if (refused !== null) return refused
    if (!upperCaseEscapes(spelling).endsWith(upperCaseEscapes(request.path)))
      return failure('target_ambiguous', { problem: 'spellings_differ' })
  }
  return null
}

function checkAlgorithm({ keys }: ResolvedIssuer, algorithm: string): Failure | null {
  const allowed: ReadonlySet<string> = keys.algorithms
  return allowed.has(algorithm) ? null : failure('alg_not_allowed')
}

/** The configured issuer that a token claims to come from. Which one is believed only after the signature. */
function selectIssuer(token: ParsedToken, config: ResolvedConfig): ResolvedIssuer | Failure {
  const iss = member(token.claims, 'iss')
  return (typeof iss === 'string' ? config.issuers.get(iss) : undefined) ?? failure('issuer_unknown')
}

/** What an unverified token looks like goes to the log, next to the reason, if it looks like anything. */
function withHint(refused: Failure, { header, claims }: VerifiedToken | ParsedToken): Failure {
  const kind = failureRow(refused.code).status === 503 ? null : findUnverifiedKind(header, claims)
  return kind === null ? refused : failure(refused.code, { ...refused.detail, unverified_kind: kind })
}

/** What is learnt on the way. */
interface Context {
  route: ResolvedRoute | undefined
  /** The resource that the path belongs to. */
  resource: ResolvedResource | null
  issuer: ResolvedIssuer | undefined
  /** As it was sent. Goes nowhere but into its fingerprint. */
  token: string | undefined
  client: string | undefined
  /** Where the token was verified for an earlier request. */
  remembered: VerifiedToken | undefined
  /** When the claims of a token were judged that was verified here. */
  nowSeconds: number | undefined
  /** What the token grants, once every check of the token has passed. */
  grant: Grant | null
}

const NOTHING_LEARNT = { issuer: undefined, client: undefined, token: undefined, remembered: false }

/** A grant, `null` where none is needed, or why there is none. */
type Outcome = Grant | null | Failure

/** What a token grants, and the claims that say so. */
interface Told {
  readonly grant: Grant
  readonly claims: JsonObject
}

interface Statement {
  readonly wrong: Failure | null
  readonly grant: Grant | undefined
}

/** Complete from the start: an object that grows costs more than all the checks of a remembered token. */
const createContext = (): Context => ({
  route: undefined,
  resource: null,
  issuer: undefined,
  token: undefined,
  client: undefined,
  remembered: undefined,
  nowSeconds: undefined,
  grant: null,
})

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

/**
 * The steps, so that tests can take each of them out and show what it holds up.
 *
 * @internal In no declaration of the package, and no entry of it exports what takes this.
 */
export const STEPS = {
  readCredential,
  checkHost,
  checkSpellings,
  createRouteTable,
  findResource,
  parseToken,
  headerRules: HEADER_RULES,
  selectIssuer,
  checkAlgorithm,
  createKeyStore: createPublicKeys,
  createSharedSecret,
  verifySignature,
  laneRules: LANE_RULES,
  formRules: FORM_RULES,
  createTokenMemory,
  isProvenBy,
  claimRules: CLAIM_RULES,
  checkBinding,
  toGrant,
  checkScope,
  selectReader,
  checkRouteIssuer,
  createFacts,
  factRules: FACT_RULES,
  checkHints,
  conditionRules: CONDITION_RULES,
  isReportOnly,
}

/** @internal `assembleAuthorizer` with other steps, which tests alone have. */
export function assembleFromSteps(
  givenConfig: LanekeeperConfig,
  givenPorts: Ports,
  surroundings: Surroundings,
  steps: typeof STEPS,
): Authorizer {
  const config = resolveConfig(
    givenConfig,
    givenPorts.secrets === undefined ? { ...surroundings, secretKinds: [] } : surroundings,
  )
  const canCarry = surroundings.canCarry ?? (() => true)
  const ports: Ports = { ...givenPorts, report: createSafeReport(givenPorts.report) }
  for (const { path, message } of config.warnings)
    ports.report({ event: 'config', outcome: 'accepted', code: 'warning', setting: path, message })
  const routes = steps.createRouteTable(config.routes, config.limits.maxPathBytes)
  const nearest = createNearest(config.routes, config.limits.maxPathBytes)
  // One store for each entry of the configuration: its tenants share the keys, other issuers never do.
  const stores = new Map<string, KeyStore>()
  const sharedSecrets = new Map<string, SharedSecret>()
  for (const issuer of config.issuers.values()) {
    const { name, keys } = issuer
    if (stores.has(name)) continue
    stores.set(name, steps.createKeyStore(issuer, ports))
    if (keys.secret !== undefined) sharedSecrets.set(name, steps.createSharedSecret(name, keys, ports))
  }
  const fingerprint = createFingerprint(config.log.fingerprintKey, ports)
  const tokens = steps.createTokenMemory(config.limits.tokenMemoryBytes)
  const shelf: FactsShelf = { memory: undefined }
  const facts = new Map<ResolvedIssuer, Facts>(
    [...config.issuers.values()].map((issuer) => [
      issuer,
      steps.createFacts(issuer, stores.get(issuer.name)!, shelf, ports),
    ]),
  )

  /** The facts about a token that its issuer has to be asked about, held to the policy. */
  async function readOpaque(
    token: string,
    issuer: ResolvedIssuer,
    context: Context,
    watch: Watch,
  ): Promise<Claims | Failure> {
    const found = await watch.within(facts.get(issuer)!.find(token, watch.waitUntil))
    if (isFailure(found)) return found
    context.client = clientOf(found.claims, 'client_id')
    const refused = firstRefusal(steps.factRules, found.claims, issuer, ports.now() / 1000)
    return refused ?? steps.checkHints(token, found.claims, issuer) ?? found
  }

  /** The proof that the issuer signed the token, which is not yet to say what it signed; `null`: made with its secret. */
  async function verify(
    token: ParsedToken,
    issuer: ResolvedIssuer,
    watch: Watch,
  ): Promise<Proof | Failure | null> {
    const alg = member(token.header, 'alg') as SignatureAlgorithm | MacAlgorithm
    const disallowed = steps.checkAlgorithm(issuer, alg)
    if (disallowed !== null) return disallowed
    const sharedSecret = sharedSecrets.get(issuer.name)
    if (sharedSecret !== undefined)
      return watch.within(sharedSecret.verify(token, alg as MacAlgorithm, watch.waitUntil))
    const algorithm = alg as SignatureAlgorithm
    const kid = (member(token.header, 'kid') as string | undefined) ?? null
    const request: KeyRequest = { kid, algorithm, owner: issuer.keyOwner, last: undefined }
    const store = stores.get(issuer.name)!
    const isSigner = (key: VerificationKey) => steps.verifySignature(token, algorithm, key, ports.crypto)
    const key = await findSigner(store, request, isSigner, watch.waitUntil, watch.within)
    return isFailure(key) ? key : { request, key, store }
  }

  /** By which key the issuer that the token names signed it. */
  function authenticate(
    token: ParsedToken,
    route: ResolvedRoute,
    context: Context,
    watch: Watch,
  ): Failure | Promise<Proof | Failure | null> {
    const header = firstRefusal(steps.headerRules, token.header)
    if (header !== null) return header
    const issuer = steps.selectIssuer(token, config)
    if (isFailure(issuer)) return issuer
    context.issuer = issuer
    return steps.checkRouteIssuer(issuer, route) ?? verify(token, issuer, watch)
  }

  /**
   * Never what a secret has signed. Who reads such a JWT does not depend on the route (selectReader): it names an issuer
   * whose JWTs are verified, so it will be read here whatever it is sent to.
   */
  function remember(text: string, verified: VerifiedToken, heapBytes: number): void {
    if (verified.proof !== null) tokens.set(text, verified, heapBytes)
  }

  /** What depends on the time, asked about every token anew. One that has expired will not come right again. */
  function judge(
    text: string,
    verified: VerifiedToken,
    context: Context,
    nowMs: number,
  ): VerifiedToken | Failure {
    const { claims, issuer } = verified
    context.client = clientOf(claims, issuer.profile.client)
    context.nowSeconds = nowMs / 1000
    const refused = firstRefusal(steps.claimRules, claims, issuer, context.nowSeconds)
    if (refused?.code === 'token_expired') tokens.forget(text)
    return refused === null ? verified : withLooks(refused, verified, issuer)
  }

  /** What a token says, whoever signed it: what is wrong with its kind or form, and what it grants if it alone says that. */
  function readStatement({ header, claims }: ParsedToken, issuer: ResolvedIssuer): Statement {
    const wrong =
      firstRefusal(steps.laneRules, header, claims, issuer.profile) ??
      firstRefusal(steps.formRules, claims, issuer)
    if (wrong !== null || issuer.opaque.userinfo !== null) return { wrong, grant: undefined }
    const grant = steps.toGrant({ header, claims }, issuer, config)
    // Frozen, so that whoever is given it cannot change what the next request with this token is granted.
    return { wrong, grant: isFailure(grant) ? undefined : freezeGrant(grant) }
  }

  /** The token itself, verified here. */
  async function readJwt(
    { token: text, parts }: Credential,
    route: ResolvedRoute,
    context: Context,
    watch: Watch,
  ): Promise<VerifiedToken | Failure> {
    const token = steps.parseToken(text, config.limits, parts)
    if (isFailure(token)) return token
    const proof = await authenticate(token, route, context, watch)
    if (proof !== null && isFailure(proof)) return withHint(proof, token)
    const { header, claims } = token
    const issuer = context.issuer!
    context.client = clientOf(claims, issuer.profile.client)
    const { wrong, grant } = readStatement(token, issuer)
    if (wrong !== null) return withLooks(wrong, token, issuer)
    const verified = { header, claims, issuer, proof, grant, name: undefined }
    remember(text, verified, token.heapBytes)
    return judge(text, verified, context, ports.now())
  }

  /**
   * A token that was verified before. What cannot have changed is not asked again: its text, header, signature, kind
   * and form. Its key is: the issuer may have withdrawn it, or published another under the same name.
   */
  function recall(
    text: string,
    verified: VerifiedToken,
    route: ResolvedRoute,
    context: Context,
    watch: Watch,
  ): VerifiedToken | Failure | Promise<VerifiedToken | Failure> {
    const { issuer } = verified
    context.issuer = issuer
    const elsewhere = steps.checkRouteIssuer(issuer, route)
    if (elsewhere !== null) return elsewhere

    function askAgain(keys: readonly VerificationKey[] | Failure, nowMs: number) {
      if (isFailure(keys)) return withHint(keys, verified)
      if (!steps.isProvenBy(verified, keys)) {
        tokens.forget(text)
        return readJwt({ token: text }, route, context, watch)
      }
      context.remembered = verified
      return judge(text, verified, context, nowMs)
    }

    const nowMs = ports.now()
    const { request, store } = verified.proof!
    const keys = findAgain(request, nowMs) ?? store.find(request, watch.waitUntil, nowMs)
    return keys instanceof Promise
      ? watch.within(keys).then((found) => askAgain(found, ports.now()))
      : askAgain(keys, nowMs)
  }

  /** What a token grants that has passed every check, and the claims that say so. */
  async function readGrant(
    read: VerifiedToken | Claims,
    reader: ResolvedIssuer | null,
    issuer: ResolvedIssuer,
    text: string,
    watch: Watch,
  ): Promise<Told | Failure> {
    const asked = facts.get(issuer)!.identify(read.claims, text, watch.waitUntil)
    const identified = asked instanceof Promise ? await watch.within(asked) : asked
    if (isFailure(identified)) return identified
    const { claims } =
      reader === null ? identified : completeFacts(identified.claims, reader, ports.now() / 1000)
    const asRead = reader === null ? issuer : asAsked(issuer)
    const grant = steps.toGrant({ header: {}, ...read, claims }, asRead, config)
    // What is in it may be remembered, too: what an issuer has said, or the claims of a token.
    return isFailure(grant) ? grant : { grant: freezeGrant(grant), claims }
  }

  /** The rule for a request. That, and the resource that its path belongs to, are noted. */
  function findRoute(request: AuthorizationRequest, context: Context): ResolvedRoute | Failure {
    const refused = steps.checkHost(request, config) ?? steps.checkSpellings(request, config)
    const route = refused ?? routes.match(request.method, request.path)
    if (isFailure(route)) return nearest(route, request.method, request.path)
    const resource = steps.findResource(request.path, route.resources)
    if (resource !== null && isFailure(resource)) return nearest(resource, request.method, request.path)
    context.route = route
    context.resource = resource
    return route
  }

  /** What the token says, and then what that allows. Without a promise where nothing has to be waited for. */
  function decide(
    request: AuthorizationRequest,
    context: Context,
    watch: Watch,
    first: 'route' | 'token',
  ): Outcome | Promise<Outcome> {
    const credential = steps.readCredential(request, tokens.get)
    const place = findRoute(request, context)
    const route = isFailure(place) ? null : place
    if (!isFailure(credential)) context.token = credential.token
    if (first === 'route' && route === null) return place as Failure
    if (request.isUnnameable === true) return failure('target_too_long', { problem: 'cannot_be_named' })
    if (first === 'route' && route?.demand === null) return null
    if (isFailure(credential)) return credential

    const { token, verified, parts } = credential
    const asking = first === 'token' ? ANY_ROUTE : route!
    const reader = verified === undefined ? steps.selectReader(token, asking, config, parts) : null
    if (reader !== null && isFailure(reader)) return reader
    if (reader !== null) {
      context.issuer = reader
      const elsewhere = steps.checkRouteIssuer(reader, asking)
      if (elsewhere !== null) return elsewhere
    }
    const found =
      reader !== null
        ? readOpaque(token, reader, context, watch)
        : verified !== undefined
          ? recall(token, verified, asking, context, watch)
          : readJwt(credential, asking, context, watch)

    function permit(told: Told | Failure): Outcome {
      if (isFailure(told)) return told
      const { grant, claims } = told
      context.client = clientNamed(grant.clientId)
      if (!canCarry(grant)) return failure('identity_inexpressible', { problem: 'too_large' })
      context.grant = grant
      if (isFailure(place)) return place
      if (place.demand === null) return null
      const issuer = context.issuer!
      const elsewhere = steps.checkRouteIssuer(issuer, place)
      if (elsewhere !== null) return elsewhere
      const lacking = steps.checkScope(grant.scopes, place.demand)
      if (lacking !== null) {
        const { user, client } = (reader === null ? issuer : asAsked(issuer)).scopes
        const { claim } = grant.principal.kind === 'client' ? client : user
        return checkDistributed(claims, typeof claim === 'string' ? claim : claim[0]!) ?? lacking
      }
      const { resource, nowSeconds = ports.now() / 1000 } = context
      const subject = { grant, claims, issuer, resource, now: nowSeconds }
      return firstRefusal(steps.conditionRules, subject, place) ?? grant
    }

    function weigh(read: VerifiedToken | Claims | Failure): Outcome | Promise<Outcome> {
      if (isFailure(read)) return read
      const unbound = steps.checkBinding(read.claims)
      if (unbound !== null) return unbound
      const { grant: known } = read as Partial<VerifiedToken>
      if (known !== undefined) return permit({ grant: known, claims: read.claims })
      return readGrant(read, reader as ResolvedIssuer | null, context.issuer!, token, watch).then(permit)
    }

    return found instanceof Promise ? found.then(weigh) : weigh(found)
  }

  /** Seconds until it is worth asking again. */
  function retryAfterSeconds(failed: Failure, { issuer }: Context): number {
    const { code } = failed
    if (code === 'secret_unavailable') return SECRET_TIMES.retryMs / 1000
    if (issuer === undefined) return 1
    if (code === 'keys_unavailable') return stores.get(issuer.name)!.retryAfterSeconds()
    return /^(?:introspection|userinfo)_/.test(code) ? facts.get(issuer)!.retryAfterSeconds(failed) : 1
  }

  function toDecision(outcome: Outcome, context: Context): Decision {
    const reportOnly = steps.isReportOnly(context.route, config)
    if (outcome !== null && isFailure(outcome)) {
      const deny = toDeny(outcome, context.route, context.resource ?? null, () =>
        retryAfterSeconds(outcome, context),
      )
      return reportOnly ? letThrough(deny) : deny
    }
    const allow = { allow: true, route: context.route!.name, grant: outcome } as const
    return outcome !== null && reportOnly ? { ...allow, reportOnly: true } : allow
  }

  /** The name of the token for the log. Kept with a token that is remembered; else worked out if anybody reads it. */
  function nameOf({ token, remembered }: Context) {
    if (token === undefined) return undefined
    const key = fingerprint.key()
    if (key === undefined) return undefined
    if (remembered === undefined) return () => fingerprint.nameOf(token)
    if (remembered.name?.key !== key) remembered.name = { key, text: fingerprint.nameOf(token)! }
    return remembered.name.text
  }

  async function examine<Answer>(
    given: AuthorizationRequest,
    waitUntil: WaitUntil | undefined,
    first: 'route' | 'token',
    toAnswer: (decision: Decision, grant: Grant | null) => Answer,
  ): Promise<Answer> {
    const context = createContext()
    const watch = createWatch(ports, waitUntil)
    const asked = readRequest(given)
    if (isFailure(asked)) {
      // Nobody knows what was meant, so this holds even where nothing is enforced.
      const decision = toDeny(asked, undefined, null, () => 1)
      ports.report(toReport(decision, NO_REQUEST, { ...NOTHING_LEARNT, ...watch.read() }))
      return toAnswer(decision, null)
    }
    const request: AuthorizationRequest = asked
    if (request.authorization.length > 0) fingerprint.prepare(waitUntil)
    let decision: Decision
    try {
      const deciding = decide(request, context, watch, first)
      decision = toDecision(deciding instanceof Promise ? await deciding : deciding, context)
    } catch (error) {
      const detail = { error: error instanceof Error ? error.name : typeof error }
      decision = toDecision(failure('internal_error', detail), context)
    }
    const { fetches, ms } = watch.read()
    const learnt = {
      issuer: context.issuer?.name,
      client: context.client,
      token: nameOf(context),
      remembered: context.remembered !== undefined,
      fetches,
      ms,
    }
    ports.report(toReport(decision, request, learnt))
    return toAnswer(decision, context.grant)
  }

  return {
    config,
    authorize: (request, waitUntil) => examine(request, waitUntil, 'route', (decision) => decision),
    examine: (request, waitUntil) =>
      examine(request, waitUntil, 'token', (decision, grant) => ({ decision, grant })),
    findRoute(method, path) {
      const route = routes.match(method, path)
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
