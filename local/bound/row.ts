// A row of the tour, and the answers that many rows share: what the client asks oauth4webapi for, what is changed
// before it is sent, and the answer that each edge must give. Expected codes are written out and not computed from the
// table of failures.

import type { Sent, Use } from './api-client.ts'
import type { CertificateName } from './certificates.ts'
import type { EdgeName } from './services.ts'
import type { KeyName, TokenName } from './wallet.ts'

/** Status, and code of the decision. `null`: API Gateway answers without a call of the authorizer. */
export type Answer = readonly [status: number, code: string | null]

/** Instead of a status: the edge has ended the connection, because it wants a certificate. */
export const CLOSED: Answer = [0, null]

/** What a change may use besides the request that the library made. */
export interface Tools {
  /** The request of the row before, as it was sent to this edge. */
  readonly last: Sent
  /** What the library makes instead, without sending it. `path`: at this edge. */
  make(other: Partial<Use> & { readonly path?: string }): Promise<Sent>
  readonly tokenOf: (name: TokenName) => string
  /** In PEM. */
  readonly certificateOf: (name: CertificateName) => string
}

export interface Row {
  readonly what: string
  readonly method?: 'GET' | 'POST'
  readonly path: '/catalogue' | '/orders' | '/payments' | '/transfers'
  readonly token: TokenName
  /** The key that makes the proof. Default: the token is sent as a plain one. */
  readonly key?: KeyName
  /** That the client presents in TLS; `null`: none. Default: the one of a device, which no token is bound to. */
  readonly certificate?: CertificateName | null
  readonly change?: (made: Sent, tools: Tools) => Sent | Promise<Sent>
  /** Sent to an instance that has not seen the requests of the rows before. */
  readonly toOtherInstance?: true
  /** Sent without TLS to the default endpoint of API Gateway. */
  readonly toDefaultEndpoint?: true
  /** Whether the library may send it again with the nonce of the answer. Default true. */
  readonly repeats?: false
  /** Absent: the row is not about that edge. */
  readonly expected: Readonly<Partial<Record<EdgeName, Answer>>>
  /** The challenges of the Worker. Default: none. */
  readonly challenges?: string
  /** What the API must be told of the binding. Default, where the request passes: nothing. */
  readonly sender?: 'dpop' | 'mtls' | 'dpop mtls'
}

export interface Section {
  readonly title: string
  /** What is done with the stores of used proofs before its rows. */
  readonly stores?: 'stop' | 'start'
  readonly rows: readonly Row[]
}

export const ALLOW: Answer = [200, 'access_token']

export const PASSES = { worker: ALLOW, rest: ALLOW, http: ALLOW } as const

/** An HTTP API refuses with 403, where its answers are not kept. */
export const refuse = (code: string, workerStatus = 401): Row['expected'] => ({
  worker: [workerStatus, code],
  rest: [401, code],
  http: [403, code],
})

/** Challenges of the Worker. */
export const BOTH = 'bearer, dpop'
export const INVALID_TOKEN = {
  bearer: 'bearer invalid_token, dpop',
  dpop: 'bearer, dpop invalid_token',
} as const
export const INVALID_PROOF = 'bearer, dpop invalid_dpop_proof'
