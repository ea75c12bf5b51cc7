// The headers of proofs that were good, by their text. A client sends the same header with every proof, so its checks
// are not repeated: they depend on nothing else. A header is kept only after a proof with it was verified with the key
// that its token is bound to, so a stranger cannot fill the memory. It says nothing about the next proof.

import { createBoundedCache } from '../../introspection/bounded-cache.ts'
import type { Ports } from '../../platform/ports.ts'
import type { SignatureAlgorithm } from '../../token/algorithms.ts'
import { detach } from '../../token/detach.ts'
import { readHeader, type ReadHeader } from '../../token/read-header.ts'
import type { JsonObject, JsonResult } from '../../token/strict-json.ts'
import type { ProofKey } from './proof-key.ts'

/** A header that passes every check, with its key. */
export interface CheckedHeader {
  readonly algorithm: SignatureAlgorithm
  readonly key: ProofKey
}

export interface ProofHeaders {
  readonly read: ReadHeader
  /** The result of the checks of a header that `read` has returned, if they were made before. */
  find(header: JsonObject): CheckedHeader | undefined
  /** `proof`: its text. `header`: as `read` returned it. */
  keep(proof: string, header: JsonObject, checked: CheckedHeader): void
}

const LIMITS = { maxEntries: 1_024, maxBytes: 2_097_152 }

/** A parsed header takes at most twice its text. */
const BYTES_PER_CHAR = 4

export function createProofHeaders({ now }: Pick<Ports, 'now'>): ProofHeaders {
  const results = createBoundedCache<JsonResult>(LIMITS)
  const checked = new WeakMap<JsonObject, CheckedHeader>()
  return {
    read: (text, maxDepth) => results.get(text, now()) ?? readHeader(text, maxDepth),
    find: (header) => checked.get(header),
    keep(proof, header, result) {
      const text = detach(proof.slice(0, proof.indexOf('.')))
      checked.set(header, result)
      const read = { value: header, heapBytes: text.length } as JsonResult
      results.set(text, read, text.length * BYTES_PER_CHAR, now(), Number.POSITIVE_INFINITY)
    },
  }
}
