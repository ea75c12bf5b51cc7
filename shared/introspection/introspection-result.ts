// What came of asking an issuer about a token: facts, a no, or no verdict at all. A problem is never a verdict:
// it is told to the operator under a code of its own, and the caller is told to come back.

import type { FetchProblem } from '../platform/bounded-fetch.ts'
import { failure, type Failure, type FailureDetail } from '../failures/failure.ts'
import type { Claims } from '../grant/userinfo-lookup.ts'
import { readRetryAfter } from '../platform/retry-after.ts'
import type { HttpAnswer } from '../platform/ports.ts'

/** What may be said in an answer about a token, and no more than that. */
export const MAX_ANSWER_BYTES = 65_536
export const MAX_ANSWER_DEPTH = 12

export type IntrospectionProblem =
  | Exclude<FetchProblem, 'encoding'>
  | 'status'
  | 'empty'
  | 'not_json'
  | 'malformed'
  | 'unverified'
  | 'endpoint_unknown'
  | 'credentials_refused'
  /** 401, and no word of whether our credentials or the token are meant. */
  | 'unauthorized'
  | 'unsupported'
  | 'rate_limited'
  | 'busy'
  | 'held'

/** In order: the facts of an active token, a token that is not active, no verdict. */
export type IntrospectionResult =
  | Claims
  | { readonly inactive: true }
  | { readonly problem: IntrospectionProblem; readonly detail?: FailureDetail }
  | { readonly failure: Failure }

export const INACTIVE: IntrospectionResult = { inactive: true }

export const problem = (name: IntrospectionProblem, detail?: FailureDetail): IntrospectionResult =>
  detail === undefined ? { problem: name } : { problem: name, detail }

/** Why there is no answer that can be read. */
export const fetchFailed = (name: FetchProblem): IntrospectionResult =>
  name === 'encoding' ? problem('malformed', { problem: name }) : problem(name)

/** The issuer wants fewer questions. `nowSeconds`: since the epoch. */
export function rateLimited(
  status: number,
  headers: HttpAnswer['headers'],
  nowSeconds: number,
): IntrospectionResult {
  const seconds = readRetryAfter(headers, nowSeconds)
  return problem('rate_limited', { status, ...(seconds === null ? {} : { retry_after: seconds }) })
}

/** The name of a problem in failure codes and in the log. */
export function problemName(given: IntrospectionProblem) {
  if (given === 'no_answer') return 'unreachable'
  return given === 'unauthorized' ? 'credentials_refused' : given
}

/** The claims of an active token, or the refusal that stands for everything else. */
export function toClaims(result: IntrospectionResult): Claims | Failure {
  if ('claims' in result) return result
  if ('failure' in result) return result.failure
  if ('inactive' in result) return failure('token_inactive')
  return failure(`introspection_${problemName(result.problem)}`, result.detail)
}

/** A JSON answer has one of these. RFC 8259 section 11, RFC 6839 section 3.1. */
export const isJsonType = (mediaType: string): boolean =>
  mediaType === 'application/json' || /^application\/[^/]+\+json$/.test(mediaType)
