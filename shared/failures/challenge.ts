// From a denial to what an HTTP caller is told: status, challenge and a small body. RFC 6750 section 3,
// RFC 9110 sections 10.2.3 and 11.6.1, RFC 9457, RFC 9470 section 3, RFC 9728 section 5.1. The caller gets the error code of the standard and, only
// where the signature has been verified, one plain hint; the precise reason stays with the operator.

import type { Deny } from '../decision.ts'
import { failureRow, type FailureRow } from './failure.ts'

export interface Refusal {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** An `application/problem+json` object. */
  readonly body: Readonly<Record<string, string | number>>
}

const TITLES: Readonly<Record<FailureRow['status'], string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  421: 'Misdirected Request',
  503: 'Service Unavailable',
}

function toBearerChallenge(deny: Deny, row: FailureRow, realm: string): string {
  const parameters = [`realm="${realm}"`]
  if (row.error !== null) parameters.push(`error="${row.error}"`)
  if (row.hint !== undefined) parameters.push(`error_description="${row.hint}"`)
  if (deny.scope !== undefined) parameters.push(`scope="${deny.scope.join(' ')}"`)
  if (deny.acrValues !== undefined) parameters.push(`acr_values="${deny.acrValues.join(' ')}"`)
  if (deny.maxAgeSeconds !== undefined) parameters.push(`max_age="${deny.maxAgeSeconds}"`)
  if (deny.resourceMetadata !== undefined) parameters.push(`resource_metadata="${deny.resourceMetadata}"`)
  return `Bearer ${parameters.join(', ')}`
}

/** Every 401 carries a challenge, and so does every refusal that has an error code of RFC 6750. */
export function toRefusal(deny: Deny, realm: string): Refusal {
  const row = failureRow(deny.code)
  const headers: Record<string, string> = {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
  }
  if (row.status === 401 || row.error !== null)
    headers['www-authenticate'] = toBearerChallenge(deny, row, realm)
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
