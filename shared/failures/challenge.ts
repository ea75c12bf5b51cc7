// From a denial to the HTTP response: status, challenge and a small body. RFC 6750 section 3, RFC 9110 sections 10.2.3
// and 11.6.1, RFC 9457, RFC 9470 section 3, RFC 9728 section 5.1. The caller gets the error code of the standard and,
// only if the signature was verified or the issuer introspected the token, one plain hint. The exact reason is for the
// operator.

import type { Deny } from '../decision.ts'
import { failureRow, type FailureRow } from './failure.ts'

/**
 * The HTTP response to a refused request, for any edge that can choose its responses: status, header fields and body.
 * It says nothing of the failure code and its detail, which are for the log.
 */
export interface Refusal {
  /** 400, 401, 403, 421 or 503. */
  readonly status: number
  /**
   * By name in lower case: `content-type` and `cache-control: no-store`; `www-authenticate` on a 401 and with every
   * error code of RFC 6750; `retry-after` in seconds on a 503.
   */
  readonly headers: Readonly<Record<string, string>>
  /** An `application/problem+json` object (RFC 9457): `title` and `status`, and mostly `error` and `detail`. */
  readonly body: Readonly<Record<string, string | number>>
}

const TITLES: Readonly<Record<FailureRow['status'], string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  421: 'Misdirected Request',
  503: 'Service Unavailable',
}

/**
 * A challenge of one scheme. `before` and `after`: its own parameters. `withError`: whether it tells why the request
 * was refused.
 */
export function toChallenge(
  scheme: string,
  deny: Deny,
  row: FailureRow,
  before: readonly string[],
  withError = true,
  after: readonly string[] = [],
): string {
  const parameters = [...before]
  if (withError && row.error !== null) parameters.push(`error="${row.error}"`)
  if (withError && row.hint !== undefined) parameters.push(`error_description="${row.hint}"`)
  if (deny.scope !== undefined) parameters.push(`scope="${deny.scope.join(' ')}"`)
  if (deny.acrValues !== undefined) parameters.push(`acr_values="${deny.acrValues.join(' ')}"`)
  if (deny.maxAgeSeconds !== undefined) parameters.push(`max_age="${deny.maxAgeSeconds}"`)
  if (deny.resourceMetadata !== undefined) parameters.push(`resource_metadata="${deny.resourceMetadata}"`)
  return `${scheme} ${[...parameters, ...after].join(', ')}`
}

/**
 * The HTTP response to a denial. Every 401 has a challenge, and so has every refusal with an error code of RFC 6750.
 * `realm` is that of the challenge: 1 to 64 printable ASCII characters without `"` and `\`, which is not checked here.
 */
export function toRefusal(deny: Deny, realm: string): Refusal {
  const row = failureRow(deny.code)
  const headers: Record<string, string> = {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
  }
  if (row.status === 401 || row.error !== null)
    headers['www-authenticate'] = deny.challenge ?? toChallenge('Bearer', deny, row, [`realm="${realm}"`])
  if (deny.dpopNonce !== undefined) headers['dpop-nonce'] = deny.dpopNonce
  if (row.status === 503) headers['retry-after'] = String(deny.retryAfterSeconds ?? 1)
  return {
    status: row.status,
    headers,
    body: {
      title: TITLES[row.status],
      status: row.status,
      ...(row.error === null ? {} : { error: row.error }),
      ...(row.hint === undefined ? {} : { detail: row.hint }),
    },
  }
}
