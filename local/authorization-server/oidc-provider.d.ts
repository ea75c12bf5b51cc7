/**
 * Types for the part of oidc-provider that the local authorization server uses. The package has none.
 */
declare module 'oidc-provider' {
  import type { RequestListener, IncomingMessage, ServerResponse } from 'node:http'

  export type Context = {
    type: string
    body: unknown
    req: IncomingMessage
    oidc: { entities: { AuthorizationCode?: { nonce?: string; authTime?: number; sid?: string } } }
  }

  export type Client = { clientId: string; grantTypeAllowed(grantType: string): boolean }

  export type IssuedToken = { clientId: string; resourceServer?: ResourceServer }

  export type ResourceServer = {
    audience: string
    scope: string
    accessTokenTTL: number
    accessTokenFormat: 'jwt' | 'opaque'
    jwt?: { sign: { alg: string } }
  }

  export type StructuredToken = { header?: object; payload: Record<string, unknown> }

  export type StoredPayload = { uid?: string; grantId?: string; userCode?: string; consumed?: number }

  export type Adapter = {
    upsert(id: string, payload: StoredPayload): Promise<void>
    find(id: string): Promise<StoredPayload | undefined>
    findByUid(uid: string): Promise<StoredPayload | undefined>
    findByUserCode(userCode: string): Promise<StoredPayload | undefined>
    consume(id: string): Promise<void>
    destroy(id: string): Promise<void>
    revokeByGrantId(grantId: string): Promise<void>
  }

  export type Grant = {
    addOIDCScope(scope: string): void
    addResourceScope(resource: string, scope: string): void
    save(): Promise<string>
  }

  export type Interaction = {
    params: { client_id: string; scope?: string; resource?: string | string[] }
  }

  export class Provider {
    constructor(issuer: string, configuration: object)
    Grant: new (subject: { accountId: string; clientId: string }) => Grant
    callback(): RequestListener
    on(event: 'server_error', listener: (context: Context, error: Error) => void): this
    interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<Interaction>
    interactionFinished(
      request: IncomingMessage,
      response: ServerResponse,
      result: { login: { accountId: string }; consent: { grantId: string } },
      options: { mergeWithLastSubmission: boolean },
    ): Promise<void>
  }

  export const errors: { InvalidTarget: new (description?: string) => Error }
}
