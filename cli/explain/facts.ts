// What is known about an explained request: the decision and its trace, and the parts of the token that may be shown.

import type { StageName, TracedDecision } from '../../shared/compiler.ts'
import { readUnverified } from '../../shared/compiler.ts'
import { failureRow, type JsonObject } from '../../shared/edge.ts'
import type {
  AuthorizationRequest,
  Deny,
  KeysReport,
  ResolvedConfig,
  ResolvedRoute,
} from '../../shared/index.ts'
import type { GivenStage } from './given-stage.ts'

/** An issuer of the configuration. */
export type Issuer = ResolvedConfig['issuers'] extends ReadonlyMap<string, infer Value> ? Value : never

/**
 * - `allow`: the request passes, and everything was checked.
 * - `deny`: it is refused.
 * - `would_deny`: it would be refused, but the route or everything is report-only.
 * - `unknown`: the signature of the token was not checked, or something without which the request would be allowed; or
 *   the issuer did not answer from here.
 */
export type Verdict = 'allow' | 'deny' | 'would_deny' | 'unknown'

export interface Facts {
  readonly stage: GivenStage
  readonly request: AuthorizationRequest
  readonly traced: TracedDecision
  readonly verdict: Verdict
  /** The refusal, also where it is not enforced or something before it was not checked. */
  readonly deny: Deny | null
  /** What was not checked, and why. */
  readonly unchecked: readonly {
    readonly stage: StageName
    readonly rule: string
    readonly because: string
  }[]
  /** Seconds since the epoch. */
  readonly now: number
  readonly token: string | null
  /** Of the token, or of the answer of its issuer; empty where there is none. */
  readonly header: JsonObject
  readonly claims: JsonObject
  /** Whether its issuer confirms the claims. */
  readonly isConfirmed: boolean
  readonly issuer: Issuer | undefined
  readonly route: ResolvedRoute | undefined
  /** Of the route in the configuration; -1 without a route. */
  readonly routeIndex: number
  /** What was reported about key sets. */
  readonly keyReports: readonly KeysReport[]
  /** Whether the keys are those of `--jwks`. */
  readonly isOfJwks: boolean
}

type Read = Pick<Facts, 'stage' | 'request' | 'traced' | 'now' | 'token' | 'keyReports' | 'isOfJwks'>

/** What was not checked before the pipeline stopped. */
function findUnchecked({ trace }: TracedDecision, missingSecret: string | null): Facts['unchecked'] {
  const skipped = trace.checks.flatMap(({ stage, rule, outcome, because }) =>
    outcome === 'not checked' && because !== undefined ? [{ stage, rule, because }] : [],
  )
  const { stopped } = trace
  return missingSecret === null || stopped === null
    ? skipped
    : [...skipped, { ...stopped, because: `${missingSecret} is not at hand: pass --env-file` }]
}

/** Whether the pipeline stopped only because something is missing here. */
const isNoDecision = ({ trace: { stopped, checks } }: TracedDecision): boolean =>
  stopped !== null &&
  checks.some(
    ({ stage, rule, outcome, because }) =>
      outcome === 'not checked' && because !== undefined && stage === stopped.stage && rule === stopped.rule,
  )

/** Whether the issuer did not answer as it should: asked from here, which says little about an edge. */
export const isAboutIssuer = ({ code }: Deny): boolean =>
  code === 'deadline_exceeded' || failureRow(code).waitsFor !== undefined

/** A refusal is certain once the token is verified: what was not checked could only refuse the request as well. */
function toVerdict(deny: Deny | null, { decision }: TracedDecision, unchecked: Facts['unchecked']): Verdict {
  if (unchecked.some(({ stage }) => stage === 'signature')) return 'unknown'
  if (deny !== null && isAboutIssuer(deny)) return 'unknown'
  if (deny !== null) return decision.allow ? 'would_deny' : 'deny'
  return unchecked.length > 0 ? 'unknown' : 'allow'
}

/** `missingSecret`: one that was asked for in vain; `null`: none. */
export function toFacts(read: Read, missingSecret: string | null): Facts {
  const { stage, traced, token } = read
  const { decision, context } = traced
  const refused = decision.allow ? (decision.wouldDeny ?? null) : decision
  const isMissing = refused?.code === 'secret_unavailable' && missingSecret !== null
  const unchecked = findUnchecked(traced, isMissing ? missingSecret : null)
  const deny = isMissing || isNoDecision(traced) ? null : refused
  const own = token === null ? { header: {}, claims: {} } : readUnverified(token)
  const { header, claims } = traced.token ?? own
  const route = context?.route
  return {
    ...read,
    verdict: toVerdict(deny, traced, unchecked),
    deny,
    unchecked,
    header: traced.token === undefined ? own.header : header,
    claims,
    isConfirmed: traced.token !== undefined && !unchecked.some(({ stage: name }) => name === 'signature'),
    issuer: context?.issuer ?? stage.config.issuers.get(String(claims['iss'])),
    route,
    routeIndex: route === undefined ? -1 : stage.config.routes.indexOf(route),
  }
}
