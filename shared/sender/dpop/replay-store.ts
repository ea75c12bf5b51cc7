// The port for the store of used DPoP proofs, which the instances of an edge share. RFC 9449 section 11.1. A store
// names a proof by a hash of its key and its `jti`, never by its text: ECDSA has two signatures for the same proof.

/** Bytes of a name: SHA-256 of the thumbprint of the key, a zero octet and the `jti`. */
export const REPLAY_NAME_BYTES = 32

/** The store of used proofs, shared by all instances. */
export interface ReplayStore {
  /**
   * Inserts a proof if it is absent, as one atomic step, and returns whether it was absent. `name`:
   * `REPLAY_NAME_BYTES`. `until`: seconds since the epoch; the store keeps the name at least until then. Rejects where
   * it cannot tell.
   */
  insert(name: Uint8Array, until: number): Promise<boolean>
}
