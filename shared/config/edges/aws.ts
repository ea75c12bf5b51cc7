// `aws`: settings of the authorizer functions, above all what API Gateway may do with an answer. A function has one
// strategy; LANEKEEPER_AUTHORIZER in its environment names its entry of `aws.authorizers`. Identity sources and result
// lifetimes are set in serverless.yml, and `lanekeeper check` compares them.

import { chooseAuthorizer } from '../../plan/choose-authorizer.ts'
import {
  checkOneOf,
  isJsonObject,
  isNonEmptyString,
  objectAt,
  optionalObjectAt,
  type AddProblem,
  type JsonObject,
} from '../checks.ts'
import type { Meanings } from '../meaning.ts'
import { firstOf, flag, optional, readerOf, whole, withDefault, wordOf, type Settings } from '../setting.ts'
import { checkCaches, type GatewayCacheConfig } from './aws-caches.ts'
import type { Section } from './section.ts'

/**
 * Which requests one answer is about, and so for which requests API Gateway may use a cached answer.
 *
 * - `exact`: the one request of the event. Identity sources must be the token, the method and the path.
 * - `table`: every request that the token may make, in one policy. For TOKEN authorizers, and only for routes that
 *   IAM patterns can express; this is proven at start-up.
 * - `off`: the one request of the event. The authorizer's result lifetime must be 0.
 */
export type CachingStrategy = 'exact' | 'table' | 'off'

/**
 * Settings of one Lambda authorizer function. They describe the authorizer that serverless.yml declares and do not
 * change it: identity sources and the result lifetime are set there.
 */
export interface AwsAuthorizerConfig {
  /** Which requests one answer is about. Default `exact`. */
  readonly strategy?: CachingStrategy
  /** What an HTTP API with payload 2.0 expects: `simple` (`EnableSimpleResponses`) or `policy`. Default `simple`. */
  readonly httpApiResponse?: 'simple' | 'policy'
  /**
   * For how long API Gateway caches an answer: 0 to 3 600 seconds, as in serverless.yml. `lanekeeper check` adds it to
   * the time in which a revocation is not seen. Default: unknown, and answers of an HTTP API count as cached; 0 with
   * the strategy `off`.
   */
  readonly resultTtlSeconds?: number
  /** Whether a policy that allows ends with the token (`aws:CurrentTime`). A simple answer has no end. Default true. */
  readonly timeCondition?: boolean
  /** Sends `client_id` as the API key that usage plans count (`ApiKeySourceType: AUTHORIZER`). Default: sends none. */
  readonly usageIdentifierKey?: 'client_id'
  /**
   * Where the handshake of a WebSocket API has the token: the Authorization field, the element after `bearer` in
   * Sec-WebSocket-Protocol, or a query parameter, which ends up in logs. Default `header`.
   */
  readonly webSocketToken?: 'header' | 'protocol' | { readonly query: string }
  /**
   * `none`: the function refuses tokens that are bound to their sender, whatever issuer and route accept, so API
   * Gateway may cache its answers. Default: as issuer and route say; the strategy of a function that accepts bound
   * tokens is `off`. It does not make a route accept unbound tokens.
   */
  readonly senderConstraint?: 'none'
}

/** `aws`: settings of every Lambda authorizer function, and of single ones by name. Other edges do not read it. */
export interface AwsConfig extends AwsAuthorizerConfig {
  /** Settings of single functions, by the name in their `LANEKEEPER_AUTHORIZER`, over those of `aws` itself. */
  readonly authorizers?: Readonly<Record<string, AwsAuthorizerConfig>>
  /**
   * The stages of API Gateway whose cached answers `lanekeeper revoke` removes. Default: none, so a cached answer
   * stands for its lifetime.
   */
  readonly caches?: readonly GatewayCacheConfig[]
}

/** Settings of one Lambda authorizer function, with every default filled in. */
export interface ResolvedAuthorizer {
  readonly strategy: CachingStrategy
  readonly httpApiResponse: 'simple' | 'policy'
  /** `null`: unknown. */
  readonly resultTtlSeconds: number | null
  readonly timeCondition: boolean
  /** `null`: no API key is sent. */
  readonly usageIdentifierKey: 'client_id' | null
  readonly webSocketToken: 'header' | 'protocol' | { readonly query: string }
  /** Absent: bound tokens are accepted where issuer and route accept them. */
  readonly senderConstraint?: 'none'
}

/** The settings of the function that runs, and those of every named function. */
export type ResolvedAws = ResolvedAuthorizer & {
  readonly authorizers: ReadonlyMap<string, ResolvedAuthorizer>
  /** Absent: none. In no plan. */
  readonly caches?: readonly GatewayCacheConfig[]
}

/** The longest result lifetime that API Gateway takes. */
const MAX_RESULT_TTL_SECONDS = 3_600

function checkWebSocketToken(
  value: unknown,
  path: string,
  addProblem: AddProblem,
): ResolvedAuthorizer['webSocketToken'] {
  if (!isJsonObject(value)) return checkOneOf(value, path, ['header', 'protocol'], addProblem)
  const { query } = objectAt(value, path, addProblem, ['query'])
  if (!isNonEmptyString(query) || !/^[A-Za-z0-9_-]{1,64}$/.test(query))
    addProblem(
      `${path}.query`,
      'must be the name of a query parameter: 1 to 64 of A-Z, a-z, 0-9, "_" and "-"',
    )
  return { query: String(query) }
}

/** Every setting of an authorizer. */
const AUTHORIZER = {
  strategy: firstOf('exact', 'table', 'off'),
  httpApiResponse: firstOf('simple', 'policy'),
  resultTtlSeconds: optional(whole(0, MAX_RESULT_TTL_SECONDS, 0)),
  timeCondition: withDefault(true, flag(true).check, flag(true).accepted),
  usageIdentifierKey: optional(wordOf(['client_id'])),
  webSocketToken: withDefault('header', checkWebSocketToken),
  senderConstraint: optional(wordOf(['none'])),
} as const satisfies Settings<keyof AwsAuthorizerConfig>

export const AWS_DEFAULTS = {
  strategy: AUTHORIZER.strategy.default,
  httpApiResponse: AUTHORIZER.httpApiResponse.default,
  timeCondition: AUTHORIZER.timeCondition.default,
  webSocketToken: AUTHORIZER.webSocketToken.default,
} as const

export const awsMeanings = (): Meanings<keyof AwsAuthorizerConfig | 'authorizers.NAME'> => ({
  httpApiResponse: {
    default: AWS_DEFAULTS.httpApiResponse,
    row: AUTHORIZER.httpApiResponse,
    meaning: '`policy` for HTTP API authorizers without `EnableSimpleResponses`',
  },
  resultTtlSeconds: {
    absent: 'unknown',
    row: AUTHORIZER.resultTtlSeconds,
    meaning:
      'how long API Gateway caches an answer, as in `serverless.yml`. Unknown counts as cached ([aws.md](aws.md))',
  },
  senderConstraint: {
    absent: 'as issuer and route',
    row: AUTHORIZER.senderConstraint,
    meaning: '`none`: the function refuses bound tokens, so its answers may be cached: [dpop.md](dpop.md)',
  },
  strategy: {
    default: AWS_DEFAULTS.strategy,
    row: AUTHORIZER.strategy,
    meaning: 'which requests an answer of the Lambda is about: `exact`, `table` or `off` ([aws.md](aws.md))',
  },
  timeCondition: {
    default: AWS_DEFAULTS.timeCondition,
    row: AUTHORIZER.timeCondition,
    meaning: 'whether a policy that allows ends with the token (`aws:CurrentTime`)',
  },
  usageIdentifierKey: {
    absent: 'absent',
    row: AUTHORIZER.usageIdentifierKey,
    meaning: '`client_id`: sent as the API key that usage plans count',
  },
  webSocketToken: {
    default: AWS_DEFAULTS.webSocketToken,
    row: AUTHORIZER.webSocketToken,
    meaning: 'or `"protocol"` (Sec-WebSocket-Protocol), or `{ query: \'NAME\' }`, which ends up in logs',
  },
  'authorizers.NAME': {
    absent: '`{}`',
    meaning: 'the same settings for the function with this `LANEKEEPER_AUTHORIZER`',
  },
})

function checkSettings(given: JsonObject, path: string, addProblem: AddProblem): ResolvedAuthorizer {
  const read = readerOf(AUTHORIZER, given, path, addProblem)
  const timeCondition = read('timeCondition')
  const strategy = read('strategy')
  const senderConstraint = read('senderConstraint')
  const { resultTtlSeconds } = given
  if (strategy === 'off' && resultTtlSeconds !== undefined && resultTtlSeconds !== 0)
    addProblem(`${path}.resultTtlSeconds`, 'must be 0 where the strategy is off')
  return {
    strategy,
    httpApiResponse: read('httpApiResponse'),
    resultTtlSeconds: read('resultTtlSeconds') ?? (strategy === 'off' ? 0 : null),
    timeCondition,
    usageIdentifierKey: read('usageIdentifierKey'),
    webSocketToken: read('webSocketToken'),
    ...(senderConstraint !== null && { senderConstraint }),
  }
}

/** The settings of the authorizer `name`, and of all of them. An entry has the settings of `aws` that it leaves out. */
function checkAws(value: unknown, name: unknown, addProblem: AddProblem): ResolvedAws {
  const {
    authorizers: given,
    caches: cachesGiven,
    ...base
  } = optionalObjectAt(value, 'aws', addProblem, [...Object.keys(AUTHORIZER), 'authorizers', 'caches'])
  const caches = checkCaches(cachesGiven, addProblem)
  const authorizers = new Map<string, ResolvedAuthorizer>()
  for (const [each, settings] of Object.entries(optionalObjectAt(given, 'aws.authorizers', addProblem))) {
    const path = `aws.authorizers.${each}`
    if (!/^[A-Za-z][A-Za-z0-9_-]{0,63}$/.test(each))
      addProblem(path, 'must be named with 1 to 64 of A-Z, a-z, 0-9, "_" and "-", a letter first')
    authorizers.set(
      each,
      checkSettings(
        { ...base, ...objectAt(settings, path, addProblem, Object.keys(AUTHORIZER)) },
        path,
        addProblem,
      ),
    )
  }
  const shared = checkSettings(base, 'aws', addProblem)
  const chosen = chooseAuthorizer(authorizers, name === undefined ? undefined : String(name))
  if (chosen !== undefined && 'message' in chosen) {
    addProblem(chosen.path, chosen.message)
    return { ...shared, authorizers }
  }
  return { ...(chosen ?? shared), authorizers, ...(caches !== null && { caches }) }
}

/**
 * A cached answer hides that a sign-in gets older, so no answer is cached where a route has `maxAgeSeconds`. A policy
 * of the strategy `table` cannot express report-only.
 */
const checkTogether: NonNullable<Section<ResolvedAws>['checkTogether']> = (
  aws,
  { routes, reportOnly },
  _environment,
  addProblem,
) => {
  const authorizers = [
    ['aws', aws] as const,
    ...[...aws.authorizers].map(([name, each]) => [`aws.authorizers.${name}`, each] as const),
  ]
  const timed = routes.find(({ conditions }) => conditions.maxAgeSeconds !== null)
  for (const [path, { strategy }] of reportOnly ? authorizers : [])
    if (strategy === 'table')
      addProblem(`${path}.strategy`, 'cannot be table while everything is report-only')
  for (const [path, { resultTtlSeconds }] of timed === undefined ? [] : authorizers)
    if (resultTtlSeconds !== null && resultTtlSeconds > 0)
      addProblem(`${path}.resultTtlSeconds`, `must be 0, because ${timed!.name} asks for maxAgeSeconds`)
}

export const AWS: Section<ResolvedAws> = {
  check: (value, { authorizer }, addProblem) => checkAws(value, authorizer, addProblem),
  checkTogether,
}
