// The decision for other Workers, over a service binding: `await env.AUTHORIZER.authorize(toAuthorizationRequest(request))`.
// Plain data in, plain data out. A binding is configured by whoever runs the account, so its caller is trusted with
// what a grant says; nothing on the Internet can call it.

import {
  toIdentity,
  toRefusal,
  type AuthorizationRequest,
  type Authorizer,
  type Decision,
  type Refusal,
  type WaitUntil,
} from '../../shared/index.ts'

export interface RpcAnswer {
  readonly decision: Decision
  /** What to answer the client with; `null` where the request may pass. */
  readonly refusal: Refusal | null
  /** The identity by name, every value fit for a header field; `null` where nothing is known of the caller. */
  readonly identity: Readonly<Record<string, string>> | null
}

/** Decides about a request of another Worker. Sees no headers: what the caller sends on, `toForwardedHeaders` makes. */
export const createRpc =
  (authorizer: Authorizer) =>
  async (request: AuthorizationRequest, waitUntil?: WaitUntil): Promise<RpcAnswer> => {
    const decision = await authorizer.authorize(request, waitUntil)
    return {
      decision,
      refusal: decision.allow ? null : toRefusal(decision, authorizer.config.realm),
      identity: decision.allow && decision.grant !== null ? toIdentity(decision.grant) : null,
    }
  }
