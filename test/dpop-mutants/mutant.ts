// A mutant is a good request with one thing changed, and the refusal that every edge must give for it. A rule has its
// mutants, and requests that differ just as much and must pass.

import type { FailureCode } from '../../shared/index.ts'
import type { EdgeName, Field } from '../cases/row.ts'
import type { ClientKey, ProofAlgorithm, ProofChange, ProofTarget } from '../support/dpop-proofs.ts'
import type { Members } from '../support/test-issuer.ts'

/**
 * The configuration that a rule is tested with. `nonce`: with nonces, which API Gateway cannot send. `narrow`: one
 * algorithm is allowed, and it is another one than that of the mutants.
 */
export type Setting = 'plain' | 'nonce' | 'narrow'

/** A request as the client sends it. */
export interface Sent {
  readonly method: string
  readonly path: string
  readonly query?: string
  readonly authorization: readonly string[]
  readonly fields: readonly Field[]
}

/** What a request is made with: for one algorithm, on one edge. */
export interface Making {
  readonly algorithm: ProofAlgorithm
  readonly edge: EdgeName
  /** The client's key, another one of the same client, and that of somebody else. */
  readonly key: ClientKey
  readonly otherKey: ClientKey
  /** The URL of the good request. */
  readonly url: string
  readonly origin: string
  readonly path: string
  readonly nowSeconds: number
  /** A token that is bound to `key`, and one that is bound to nobody. */
  readonly bound: string
  readonly unbound: string
  /** A token of the issuer that takes bound tokens alone, or of the one that takes none. */
  tokenOf(issuer: 'strict' | 'plain', claims?: Members): Promise<string>
  /** A token with these claims; `undefined` removes one. */
  token(claims: Members): Promise<string>
  /** An opaque token, and what its issuer says of it. */
  opaque(members: Members): string
  /** A nonce of `bucketsAgo`, made with the secret in force, the one before it, or none of the two. */
  nonce(bucketsAgo: number, secret?: 'key' | 'previousKey' | 'foreign'): string
  proof(change?: ProofChange, target?: Partial<ProofTarget>, key?: ClientKey): string
  /** The good request with another token and another proof. */
  send(token: string, proof: string, change?: Partial<Sent>): Sent
}

export interface Attempt {
  readonly name: string
  /** The requests in order. All but the last one must pass. */
  readonly requests: (making: Making) => Promise<readonly Sent[]> | readonly Sent[]
  /** Algorithms that it exists for. Default: all. */
  readonly algorithms?: (algorithm: ProofAlgorithm) => boolean
  /** Edges that cannot express it, each with the reason. */
  readonly notOn?: Readonly<Partial<Record<EdgeName, string>>>
}

export interface Refused {
  readonly code: FailureCode
  /** `detail.problem` beside the code. */
  readonly problem?: string
}

export interface Mutant extends Attempt, Refused {
  /** Where an edge refuses it for another reason. */
  readonly elsewhere?: Readonly<Partial<Record<EdgeName, Refused>>>
}

export interface Rule {
  readonly name: string
  /** Section of the RFC that demands it. */
  readonly source: string
  readonly mutants: readonly Mutant[]
  /** Requests that must pass, besides the good one. */
  readonly goods?: readonly Attempt[]
  readonly setting?: Setting
  /** Default: every edge whose requests have fields. */
  readonly edges?: readonly EdgeName[]
}

/** Every edge whose requests have header fields. */
export const EDGES_WITH_FIELDS: readonly EdgeName[] = [
  'core',
  'worker',
  'rest REQUEST',
  'http 2.0 simple',
  'http 2.0 policy',
  'http 1.0',
  'websocket',
]

type Change<T> = T | ((making: Making) => T)

const given = <T>(change: Change<T>, making: Making): T =>
  typeof change === 'function' ? (change as (making: Making) => T)(making) : change

/** A mutant whose proof is changed, and nothing else. */
export const byProof = (
  name: string,
  problem: string,
  change: Change<ProofChange>,
  more: Partial<Mutant> = {},
): Mutant => ({
  name,
  code: 'dpop_proof_invalid',
  problem,
  requests: (making) => [making.send(making.bound, making.proof(given(change, making)))],
  ...more,
})

/** A request that must pass although its proof is changed. */
export const goodProof = (
  name: string,
  change: Change<ProofChange>,
  more: Partial<Attempt> = {},
): Attempt => ({
  name,
  requests: (making) => [making.send(making.bound, making.proof(given(change, making)))],
  ...more,
})

/** A mutant whose request is another one. */
export const byRequest = (
  name: string,
  refused: FailureCode | Refused,
  request: (making: Making) => Promise<Sent> | Sent,
  more: Partial<Mutant> = {},
): Mutant => ({
  name,
  ...(typeof refused === 'string' ? { code: refused } : refused),
  requests: async (making) => [await request(making)],
  ...more,
})

export const goodRequest = (
  name: string,
  request: (making: Making) => Promise<Sent> | Sent,
  more: Partial<Attempt> = {},
): Attempt => ({ name, requests: async (making) => [await request(making)], ...more })
