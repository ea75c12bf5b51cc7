// Behaviours that AWS does not document, as named choices with a default. A test can change a choice to see whether an
// authorizer depends on it. Smaller choices without a name here are marked "undocumented" in the code.

export interface UndocumentedChoices {
  /** Status of an HTTP API if the authorizer throws exactly `Unauthorized`. Documented for REST APIs only. */
  httpApiThrownUnauthorized: 401 | 500
  /** Whether an HTTP API with CORS adds its headers to its own answers. Documented only for answers of integrations. */
  httpApiCorsOnOwnAnswers: boolean
  /** The path in events of an HTTP API. Events captured on AWS have it decoded and cut at a decoded `?`. */
  httpApiPath: 'decoded' | 'as-received'
  /**
   * `httpMethod` in the REQUEST event of a REST method ANY. An event captured on AWS has ANY; its context has the
   * request's method.
   */
  restAuthorizerMethod: 'of-the-resource' | 'as-received'
  /** The values of `pathParameters` in events of REST and HTTP APIs. */
  pathParameters: 'decoded' | 'as-received'
  /** A policy answer without `principalId`. Documented as required; one measurement on AWS found it accepted. */
  missingPrincipalId: 'malformed' | 'accepted'
  /** The value of `authorizationToken` if the request has the token header more than once. */
  duplicateTokenHeader: 'last' | 'first' | 'joined'
  /** Whether a policy that only denies, or `isAuthorized: false`, is cached like an answer that allows. */
  cachesRefusals: boolean
  /** Whether the error `Unauthorized` is cached, too. Other errors and malformed answers never are. */
  cachesUnauthorized: boolean
  /** Whether the conditions of a cached policy are evaluated with the keys of each request or of the first one. */
  cachedPolicyConditions: 'evaluated-again' | 'as-first-evaluated'
  /** A gateway response header whose `context.…` source has no value. */
  unsetGatewayResponseHeader: 'omitted' | 'empty'
  /** The time limit of a REST API's authorizer. AWS documents 10 s for HTTP APIs and none for REST APIs. */
  restAuthorizerTimeoutMs: number
  /**
   * What a client without a certificate gets on a custom domain with mutual TLS. AWS documents 403 for a certificate
   * that does not verify, and nothing for none.
   */
  missingClientCertificate: 'connection-closed' | 403
  /** Status if the request line and header values exceed the documented 10,240 bytes. */
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
  cachesRefusals: true,
  cachesUnauthorized: false,
  cachedPolicyConditions: 'evaluated-again',
  unsetGatewayResponseHeader: 'omitted',
  restAuthorizerTimeoutMs: 29_000,
  missingClientCertificate: 'connection-closed',
  headersTooLargeStatus: 431,
}
