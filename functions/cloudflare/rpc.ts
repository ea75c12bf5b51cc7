// The decision for other Workers, over a service binding:
// `await env.AUTHORIZER.authorize(toAuthorizationRequest(request))`. Arguments and results are plain data. Only Workers
// that the account's owner binds can call it, and nothing on the Internet, so the caller may see the grant.

import {
  toIdentity,
  toRefusal,
  type AuthorizationRequest,
  type Authorizer,
  type CoreConfig,
  type Decision,
  type Refusal,
  type WaitUntil,
} from '../../shared/edge.ts'

/** The result of `authorize` over a service binding: the decision, and its refusal or identity. Plain data. */
export interface RpcAnswer {
  /**
   * The response to an allowed request with `dpopNonce` needs it in the field DPoP-Nonce, and `Cache-Control: no-store`
   * (RFC 9449 section 8.2). A refusal has both.
   */
  readonly decision: Decision
  /** Status, header fields and body for the client; `null` where the request may pass. */
  readonly refusal: Refusal | null
  /** The identity by name, each value percent-encoded for a header field; `null` where the caller is unknown. */
  readonly identity: Readonly<Record<string, string>> | null
}

/**
 * Decides about a request of another Worker. Changes no header fields: the caller does, with `toForwardedHeaders`. A
 * bound token is refused unless the caller passes on method, path, DPoP field and client certificate, as
 * `toAuthorizationRequest` does.
 */
export const createRpc =
  (authorizer: Authorizer<CoreConfig>) =>
  async (request: AuthorizationRequest, waitUntil?: WaitUntil): Promise<RpcAnswer> => {
    const decision = await authorizer.authorize(request, waitUntil)
    return {
      decision,
      refusal: decision.allow ? null : toRefusal(decision, authorizer.config.realm),
      identity: decision.allow && decision.grant !== null ? toIdentity(decision.grant) : null,
    }
  }
