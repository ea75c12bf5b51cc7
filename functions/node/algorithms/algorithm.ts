// The rows of node:crypto for signature algorithms, one file for each kind, so that an artefact has those alone that
// its issuers may use.

import type { KeyObject } from 'node:crypto'
import type { Cryptography } from '../../../shared/edge.ts'

export type AlgorithmName = Parameters<Cryptography['verify']>[0]

export interface NodeAlgorithm {
  /** `null`: the algorithm hashes itself. */
  readonly hash: string | null
  /** The key with the parameters of its signatures in it. */
  prepareKey?(key: KeyObject): KeyObject
  /** The signature in the form that `verify` takes; `null` where its length is wrong for the algorithm. */
  toSignature?(signature: Uint8Array<ArrayBuffer>): Uint8Array | null
}

export type NodeAlgorithms = Readonly<Partial<Record<AlgorithmName, NodeAlgorithm>>>
