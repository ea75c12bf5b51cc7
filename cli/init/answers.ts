// What init has been told: by options, or by the answers of a person.

import type { RouteRule } from '../../shared/index.ts'
import type { Provider } from './providers.ts'

/** The tools that deploy a Lambda authorizer. wrangler is the only one for the Worker. */
export const AWS_TOOLS = ['osls', 'cdk', 'sam'] as const

export type AwsTool = (typeof AWS_TOOLS)[number]

export const APIS = ['http', 'rest', 'websocket'] as const

export type Api = (typeof APIS)[number]

/** Where the Worker sends what it allows: a URL, or a small Worker that init writes, too. */
export type Origin = { readonly url: string } | 'sample'

export interface Answers {
  /** Of the Worker, of the service or the stack: a letter, then a-z, 0-9 and "-". */
  readonly name: string
  readonly provider: Provider
  /** As it was typed: an issuer, or the address of its metadata. */
  readonly issuer: string
  readonly audiences: readonly string[]
  readonly clients: readonly string[]
  readonly routes: readonly RouteRule[]
  /** `null`: no Worker. */
  readonly origin: Origin | null
  /** `null`: no Lambda. */
  readonly aws: { readonly tool: AwsTool; readonly api: Api } | null
  readonly reportOnly: boolean
}
