// The identity sources that an authorizer needs, by the kind of its API: what `lanekeeper check` demands, and what a
// deployment sets. Together they are the key of a cached answer, and API Gateway refuses a request that lacks one of
// those with a value of the request.

import type { ResolvedAuthorizer } from '../../../shared/index.ts'
import type { ApiKind } from './description.ts'

/** How a source begins that is a value of the request. */
const REQUEST = { rest: 'method.request', http: '$request', webSocket: 'route.request' } as const

/** What tells requests with one token apart, where an answer is about one request (functions/aws/identity-source.ts). */
const OF_REQUEST = {
  rest: ['context.httpMethod', 'context.path'],
  http: ['$context.httpMethod', '$context.path', '$context.routeKey'],
  webSocket: [],
} as const satisfies Readonly<Record<ApiKind, readonly string[]>>

/** The sources besides the token that the key of an answer about one request has to have. */
export const keySourcesOf = (kind: ApiKind): readonly string[] => OF_REQUEST[kind]

/** The source that has the token. */
export function tokenSourceOf(
  kind: ApiKind,
  { webSocketToken }: Pick<ResolvedAuthorizer, 'webSocketToken'>,
): string {
  if (kind !== 'webSocket' || webSocketToken === 'header') return `${REQUEST[kind]}.header.Authorization`
  if (webSocketToken === 'protocol') return `${REQUEST[kind]}.header.Sec-WebSocket-Protocol`
  return `${REQUEST[kind]}.querystring.${webSocketToken.query}`
}

/**
 * Whether an answer may be kept, as far as the function knows: with an unknown lifetime it counts as kept, so the
 * function demands the whole key.
 */
export const mayBeKept = ({ strategy, resultTtlSeconds }: ResolvedAuthorizer): boolean =>
  strategy !== 'off' && resultTtlSeconds !== 0

/**
 * The sources of an authorizer of the type REQUEST. `passesWithoutToken`: a request without a token may pass
 * (report-only), so API Gateway must not refuse it before it asks the function.
 */
export function identitySourcesOf(
  kind: ApiKind,
  settings: ResolvedAuthorizer,
  passesWithoutToken: boolean,
): readonly string[] {
  const token = tokenSourceOf(kind, settings)
  if (kind === 'webSocket') return passesWithoutToken && settings.webSocketToken === 'header' ? [] : [token]
  if (mayBeKept(settings)) return [token, ...keySourcesOf(kind)]
  return passesWithoutToken ? [] : [token]
}
