// Every behaviour of API Gateway that this gateway had to choose because AWS does not document it, as named
// switches with the chosen default. A test can flip a switch to see whether an authorizer depends on it.
// Smaller choices without a switch are marked "undocumented" where they are made.

export interface UndocumentedChoices {
  /** Status of an HTTP API when the authorizer throws exactly `Unauthorized`. Documented for REST APIs only. */
  httpApiThrownUnauthorized: 401 | 500
  /** Whether an HTTP API with CORS puts its headers on answers of its own. Documented for those of integrations. */
  httpApiCorsOnOwnAnswers: boolean
  /** How an HTTP API spells the path in its events. Live captures show it decoded and cut at a decoded `?`. */
  httpApiPath: 'decoded' | 'as-received'
  /** `httpMethod` in the REQUEST event of a REST method ANY. A live capture shows ANY; the context has the request's. */
  restAuthorizerMethod: 'of-the-resource' | 'as-received'
  /** How `pathParameters` values are spelled (both kinds of API). */
  pathParameters: 'decoded' | 'as-received'
  /** A policy answer without `principalId`: documented as required, but measured as accepted once. */
  missingPrincipalId: 'malformed' | 'accepted'
  /** The value of `authorizationToken` when the token header came more than once. */
  duplicateTokenHeader: 'last' | 'first' | 'joined'
  /** Whether a policy that only denies, or `isAuthorized: false`, is kept for the lifetime like one that allows. */
  refusalsKept: boolean
  /** Whether the error `Unauthorized` is kept as well. Other errors and malformed answers never are. */
  unauthorizedKept: boolean
  /** Whether the conditions of a kept policy are judged again for each request, or stand as they came out first. */
  keptConditions: 'judged-again' | 'as-first-judged'
  /** A gateway response header whose `context.…` source has no value. */
  unsetGatewayResponseHeader: 'omitted' | 'empty'
  /** How long a REST API waits for an authorizer. HTTP APIs document 10 s, REST APIs nothing. */
  restAuthorizerTimeoutMs: number
  /** Status when the request line and header values exceed the documented 10,240 bytes. */
  headersTooLargeStatus: number
}

export const UNDOCUMENTED_DEFAULTS: UndocumentedChoices = {
  httpApiThrownUnauthorized: 401,
  httpApiCorsOnOwnAnswers: false,
  httpApiPath: 'decoded',
  restAuthorizerMethod: 'of-the-resource',
  pathParameters: 'as-received',
  missingPrincipalId: 'malformed',
  duplicateTokenHeader: 'last',
  refusalsKept: true,
  unauthorizedKept: false,
  keptConditions: 'judged-again',
  unsetGatewayResponseHeader: 'omitted',
  restAuthorizerTimeoutMs: 29_000,
  headersTooLargeStatus: 431,
}
