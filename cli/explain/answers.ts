// What the caller saw on each edge, and what API Gateway may do with the answer, by the functions that answer there.

import { toThrown } from '../../functions/aws/answer.ts'
import { challengeOf } from '../../functions/aws/deployment/authorizer-settings.ts'
import { fitsContext } from '../../functions/aws/authorizer-handler.ts'
import type { EventShape } from '../../functions/aws/event.ts'
import { functionsOf } from '../../functions/aws/functions-of.ts'
import { toRefusal } from '../../shared/edge.ts'
import type { Deny, ResolvedAuthorizer, ResolvedConfig } from '../../shared/index.ts'
import type { Facts } from './facts.ts'
import { placeOfSection, usesGateway } from './given-stage.ts'
import { shownAt } from './times.ts'

export interface Answer {
  readonly edge: string
  /** `null`: it is passed on. `401 or 500`: AWS does not document which. */
  readonly status: string | null
  /** `WWW-Authenticate`. */
  readonly challenge?: string
  readonly note?: string
  /** The path of the settings of the function that answers. */
  readonly settings?: string
}

/** What API Gateway may do with the answer of one function. */
export interface Kept {
  readonly edge: string
  /** The path of its settings. */
  readonly settings: string
  readonly strategy: ResolvedAuthorizer['strategy']
  readonly isKept: boolean
  /** For how long at most; `null`: the configuration does not say. */
  readonly seconds: number | null
  readonly why: string
}

export interface Answers {
  readonly answers: readonly Answer[]
  readonly kept: readonly Kept[]
}

const CONNECT = '$connect'

function workerAnswer({ stage }: Facts, deny: Deny | null): Answer {
  const edge = 'Worker'
  if (deny === null) return { edge, status: null }
  const { status, headers } = toRefusal(deny, stage.config.realm)
  const { 'www-authenticate': challenge, 'retry-after': retryAfter } = headers
  return {
    edge,
    status: String(status),
    ...(challenge === undefined ? {} : { challenge }),
    ...(retryAfter === undefined ? {} : { note: `Retry-After: ${retryAfter}` }),
  }
}

const ROUTES: readonly string[] = ['route_unknown', 'method_unknown']

/** API Gateway answers some requests without asking the function. */
function ownAnswer(edge: string, { code }: Deny): string | undefined {
  if (code === 'credential_missing') return '401 by API Gateway itself, where the token is an identity source'
  if (!ROUTES.includes(code)) return undefined
  return `${edge === 'HTTP API' ? 404 : 403} by API Gateway itself, where no route of the API covers the request`
}

function gatewayAnswer(
  edge: string,
  shape: EventShape,
  settings: ResolvedAuthorizer,
  deny: Deny | null,
  config: ResolvedConfig,
  isPolicy: boolean,
): Answer {
  if (deny === null) return { edge, status: null }
  const thrown = isPolicy ? null : toThrown(deny, { shape, isDispatchedElsewhere: false }, settings)
  const note = ownAnswer(edge, deny)
  const isHttp = edge === 'HTTP API'
  const common = { edge, ...(note === undefined ? {} : { note }) }
  if (thrown === null) {
    const challenge =
      edge === 'REST API' && !isPolicy ? toRefusal(deny, config.realm).headers['www-authenticate'] : undefined
    return {
      ...common,
      status: '403',
      ...(challenge === undefined
        ? {}
        : { challenge: `${challenge} (by the gateway response ACCESS_DENIED)` }),
    }
  }
  if (thrown.message === 'Unauthorized') {
    const challenge = `${challengeOf(config)} (by the gateway response UNAUTHORIZED)`
    return {
      ...common,
      status: isHttp ? '401 or 500' : '401',
      ...(edge === 'REST API' ? { challenge } : {}),
    }
  }
  return {
    ...common,
    status: '500',
    ...(edge === 'REST API' ? { note: '503 with the gateway response AUTHORIZER_FAILURE' } : {}),
  }
}

/** The refusal that a function adds to that of the core. */
function refusalAt({ deny, traced, claims }: Facts, { senderConstraint }: ResolvedAuthorizer): Deny | null {
  if (deny !== null) return deny
  if (senderConstraint === 'none' && Object.hasOwn(claims, 'cnf'))
    return { allow: false, code: 'sender_constraint_unproven' }
  const { grant } = traced.context ?? {}
  return grant && !fitsContext(grant) ? { allow: false, code: 'identity_inexpressible' } : null
}

/** With a table, a token that is itself in order gets its policy, which denies the path. */
const hasPolicy = ({ strategy }: ResolvedAuthorizer, { traced }: Facts): boolean =>
  strategy === 'table' && traced.context?.grant != null

function keptBy(
  edge: string,
  path: string,
  settings: ResolvedAuthorizer,
  facts: Facts,
  deny: Deny | null,
): Kept {
  const { strategy, resultTtlSeconds } = settings
  const about = { edge, settings: path, strategy, seconds: resultTtlSeconds }
  const not = (why: string): Kept => ({ ...about, isKept: false, why })
  if (edge === WEBSOCKET) return not('answers of a WebSocket API are not kept')
  if (strategy === 'off' || resultTtlSeconds === 0) return not(`the lifetime is 0 (strategy ${strategy})`)
  const shape = edge === HTTP ? 'http_2' : 'rest_request'
  const isThrown =
    deny !== null &&
    !hasPolicy(settings, facts) &&
    toThrown(deny, { shape, isDispatchedElsewhere: false }, settings) !== null
  if (isThrown) return not('the function throws this refusal, and AWS documents for no error that it is kept')
  const requests = strategy === 'table' ? 'the same token' : 'the same token, method and path'
  const until = resultTtlSeconds === null ? '' : ` until ${shownAt(facts.now + resultTtlSeconds)}`
  return {
    ...about,
    isKept: true,
    why: `every request with ${requests} gets this answer, without a log line${until}`,
  }
}

const [REST, HTTP, WEBSOCKET] = ['REST API', 'HTTP API', 'WebSocket API'] as const

const SHAPES: Readonly<Record<string, EventShape>> = {
  [REST]: 'rest_request',
  [HTTP]: 'http_2',
  [WEBSOCKET]: 'websocket',
}

/** The kinds of APIs that may ask the function about this request. A table is for TOKEN authorizers. */
function apisOf({ strategy }: ResolvedAuthorizer, { request }: Facts): readonly string[] {
  if (request.path === CONNECT) return [WEBSOCKET]
  return strategy === 'table' ? [REST] : [REST, HTTP]
}

export function toAnswers(given: Facts): Answers {
  const { stage, verdict, request } = given
  if (verdict === 'unknown' && given.deny === null) return { answers: [], kept: [] }
  const facts = { ...given, deny: given.traced.decision.allow ? null : given.deny }
  const functions = functionsOf(stage.config, { isBuild: true }).flatMap(([path, settings]) => {
    const deny = refusalAt(facts, settings)
    const placed = placeOfSection(stage, path).path
    return apisOf(settings, facts).map((edge) => ({
      answer: {
        ...gatewayAnswer(edge, SHAPES[edge]!, settings, deny, stage.config, hasPolicy(settings, facts)),
        settings: placed,
      },
      kept: keptBy(edge, placed, settings, facts, deny),
    }))
  })
  return {
    answers: [
      ...(request.path === CONNECT ? [] : [workerAnswer(facts, facts.deny)]),
      ...functions.map(({ answer }) => answer),
    ],
    kept: usesGateway(stage) ? functions.map(({ kept }) => kept) : [],
  }
}
