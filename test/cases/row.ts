// A case is data: one request, and the answer that every edge must give. Each row that allows has a twin that differs
// in one thing and is refused; the twin's id is the id of the first with the difference added.

import type { FailureCode, FailureDetail } from '../../shared/index.ts'
import type { CaseWorld } from '../support/case-world.ts'
import type { Members, SigningKey } from '../support/test-issuer.ts'

export type Field = readonly [name: string, value: string]

/** A client certificate, which every platform states in its own way. */
export interface PresentedCertificate {
  /** PEM. Absent: the client presented none. */
  readonly pem?: string
  /** What Cloudflare states otherwise in `request.cf.tlsClientAuth`; `undefined` removes a member. */
  readonly cloudflare?: Members
  /** The whole of `request.cf`. */
  readonly cf?: unknown
  /** What API Gateway states otherwise in `clientCert`. The core gets its facts where a row has this. */
  readonly aws?: Members
  /** The facts that the core gets. Default: those of Cloudflare. */
  readonly facts?: Readonly<Record<string, string>>
}

/** A request as a client would put it on the wire. */
export interface CaseRequest {
  readonly method: string
  readonly path: string
  readonly query?: string
  readonly authorization: readonly string[]
  /** How a second member of the event spells the path, if it differs from `path`. */
  readonly spelledAgain?: string
  /** The route that API Gateway has selected and its path parameters, for events that show them. */
  readonly dispatched?: { readonly template: string; readonly parameters: Readonly<Record<string, string>> }
  /** Value of the Host field. Default: the host that the request is sent to. */
  readonly host?: string
  /** Further header fields. The core gets those alone that its checks read. */
  readonly fields?: readonly Field[]
  /** What the client presented in TLS. Default: nothing, of which no platform states anything. */
  readonly certificate?: PresentedCertificate
  /** The body of a form. Only the Worker gets one, and no edge reads it. */
  readonly body?: string
}

/** Edges that are servers in front of an origin. A row that one of them cannot express is `notOn` the Worker. */
export const PROXIES = ['worker'] as const

export type Proxy = (typeof PROXIES)[number]

export const isProxy = (edge: EdgeName): edge is Proxy => PROXIES.some((proxy) => proxy === edge)

export type EdgeName =
  | 'core'
  | Proxy
  | 'rest TOKEN'
  | 'rest REQUEST'
  | 'http 2.0 simple'
  | 'http 2.0 policy'
  | 'http 1.0'
  | 'websocket'

/** The wire form on a REST API: thrown `Unauthorized`, a Deny policy, or another error. */
export type RestForm = 401 | 403 | 500

export type Expectation =
  | {
      readonly allow: true
      readonly identity: Readonly<Record<string, string>> | null
      /** The code of a refusal that report-only does not enforce. */
      readonly wouldDeny?: FailureCode
    }
  | { readonly allow: false; readonly code: FailureCode; readonly status: number; readonly rest: RestForm }

export interface CaseRow {
  readonly id: string
  readonly request: (world: CaseWorld) => CaseRequest | Promise<CaseRequest>
  readonly expect: Expectation
  /** The detail of the log line beside the code, if the row states it. */
  readonly detail?: FailureDetail
  /** Edges that cannot express the request, each with the reason. */
  readonly notOn?: Readonly<Partial<Record<EdgeName, string>>>
}

export const allow = (identity: Readonly<Record<string, string>> | null): Expectation => ({
  allow: true,
  identity,
})

export const deny = (code: FailureCode, status: number, rest: RestForm): Expectation => ({
  allow: false,
  code,
  status,
  rest,
})

/** A refusal on a report-only route: the request passes without an identity. */
export const reported = (code: FailureCode): Expectation => ({ allow: true, identity: null, wouldDeny: code })

/** The code in the log, as `codeOf` reads it from the events. */
export function expectedCode(expected: Expectation): string {
  if (!expected.allow) return expected.code
  if (expected.wouldDeny !== undefined) return `would_deny ${expected.wouldDeny}`
  return expected.identity === null ? 'public' : 'access_token'
}

/** 401 with `invalid_token`, thrown as `Unauthorized` on a REST API: the most common refusal. */
export const refused = (code: FailureCode): Expectation => deny(code, 401, 401)

/** The identity of the test issuer's default token. */
export const USER = {
  subject: 'user-1',
  principal: 'user',
  client_id: 'client-1',
  scope: 'read',
  issuer: 'main',
}

export interface Change {
  readonly header?: Members
  readonly claims?: Members
  readonly key?: SigningKey
}

/** GET /orders with the given Authorization fields. */
export const withField = (...authorization: string[]): CaseRequest => ({
  method: 'GET',
  path: '/orders',
  authorization,
})

export const withToken = (token: string): CaseRequest => withField(`Bearer ${token}`)

/** GET /orders with a valid token of the main issuer, except the given members. */
export const requestWith = (change: Change) => async (world: CaseWorld) =>
  withToken(await world.main.token(change))

/** A request for a route with a valid token, except the given members. */
export const requestFor =
  (method: string, path: string, change: Change = {}, query?: string) =>
  async (world: CaseWorld) => ({
    method,
    path,
    ...(query === undefined ? {} : { query }),
    authorization: [`Bearer ${await world.main.token(change)}`],
  })
