// The result of looking a token up at its issuer: its claims, inactive, or no usable answer. A problem says nothing
// about the token: each has a code for the operator, and the caller gets 503 with `Retry-After`.

import type { FetchProblem } from '../platform/bounded-fetch.ts'
import { failure, type Failure, type FailureCode, type FailureDetail } from '../failures/failure.ts'
import type { Claims } from '../grant/userinfo-lookup.ts'
import { readRetryAfter } from '../platform/retry-after.ts'
import type { HttpAnswer } from '../platform/ports.ts'

/** The bounds of an answer about a token: its size, and how deep its JSON may be nested. */
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
  /** 401, which may be about our credentials or about the token. */
  | 'unauthorized'
  | 'unsupported'
  | 'rate_limited'
  | 'busy'
  | 'held'

/** In order: the claims of an active token; an inactive token; no usable answer; a failure of keys or secrets. */
export type IntrospectionResult =
  | Claims
  | { readonly inactive: true }
  | { readonly problem: IntrospectionProblem; readonly detail?: FailureDetail }
  | { readonly failure: Failure }

export const INACTIVE: IntrospectionResult = { inactive: true }

export const problem = (name: IntrospectionProblem, detail?: FailureDetail): IntrospectionResult =>
  detail === undefined ? { problem: name } : { problem: name, detail }

/** The result of a request without a readable answer. */
export const fetchFailed = (name: FetchProblem): IntrospectionResult =>
  name === 'encoding' ? problem('malformed', { problem: name }) : problem(name)

/** The result of an answer that limits our rate. `nowSeconds`: since the epoch. */
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

/** Whole codes: `lanekeeper build` searches the modules of an artefact for them. */
const CODES: Readonly<Record<ReturnType<typeof problemName>, FailureCode>> = {
  unreachable: 'introspection_unreachable',
  timeout: 'introspection_timeout',
  status: 'introspection_status',
  redirect: 'introspection_redirect',
  too_large: 'introspection_too_large',
  empty: 'introspection_empty',
  not_json: 'introspection_not_json',
  malformed: 'introspection_malformed',
  unverified: 'introspection_unverified',
  endpoint_unknown: 'introspection_endpoint_unknown',
  credentials_refused: 'introspection_credentials_refused',
  unsupported: 'introspection_unsupported',
  rate_limited: 'introspection_rate_limited',
  busy: 'introspection_busy',
  held: 'introspection_held',
}

/** The claims of an active token, or the failure for any other result. */
export function toClaims(result: IntrospectionResult): Claims | Failure {
  if ('claims' in result) return result
  if ('failure' in result) return result.failure
  if ('inactive' in result) return failure('token_inactive')
  return failure(CODES[problemName(result.problem)], result.detail)
}

/** Whether a media type is one of JSON. RFC 8259 section 11, RFC 6839 section 3.1. */
export const isJsonType = (mediaType: string): boolean =>
  mediaType === 'application/json' || /^application\/[^/]+\+json$/.test(mediaType)
