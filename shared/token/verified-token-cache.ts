// Tokens that this instance has verified: their claims, and the key that verified them. The cache holds no decision
// (docs/adr/0007). The reader that finds a token here checks its key again, and then time, audience, route and scope
// as for a token that was just verified, and deletes the token once it has expired. The cache holds only tokens that a
// configured issuer has signed. It has no clock.
//
// A token is found by its whole text, signature included. compact.ts accepts one spelling for every header, claims set
// and signature, and texts are compared exactly, so no hash can collide. Two signatures of the same claims (ECDSA: s
// and n - s) are two entries, each verified by itself. A Map with the token as its key would hash the whole text
// first, which takes longer than the rest of the search. The key is therefore made from the last characters of the
// signature, which are as good as random, and the whole text is compared then. A token that only ends like a cached
// one is verified like any other new token. Of two that end alike the later one is kept.
//
// The cache is bounded in bytes, over all issuers. Two generations make that cheap: a token that is used moves to the
// younger one, and when that is full the older one is dropped as a whole. From then on the first use of a token is
// noted in four bytes, and the token is kept with its second use. So any number of tokens that are used once do not
// displace those that are used again.

import type { ResolvedIssuer } from '../config/config.ts'
import type { Grant } from '../decision.ts'
import type { KeyStore } from '../keys/key-store.ts'
import type { KeyLease } from '../keys/lease.ts'
import type { KeyRequest } from '../keys/select-key.ts'
import type { VerificationKey } from '../platform/ports.ts'
import { detach } from './detach.ts'
import type { JsonObject } from './strict-json.ts'

/** The key that verified a token, and the search that found it. The proof holds while the search finds the same key. */
export interface Proof {
  readonly request: KeyRequest
  readonly key: VerificationKey
  /** The store that found the key. */
  readonly store: KeyStore
  /**
   * While the lease is in force the search would find the key again and is not repeated. Each search renews the lease.
   */
  lease: KeyLease | null
}

/**
 * A token whose signature, kind and form are in order. Time, audience, route and scope are checked for each request.
 */
export interface VerifiedToken {
  readonly header: JsonObject
  readonly claims: JsonObject
  readonly issuer: ResolvedIssuer
  /** `null` where a shared secret verified it. */
  readonly proof: Proof | null
  /** What the token grants once it passes every check; `undefined` if the grant is still to be made. */
  readonly grant: Grant | undefined
  /** The fingerprint of the token in the log, and the key that it was made with. */
  name: { readonly text: string; readonly key: object } | undefined
}

/** Whether the key that verified a token is one of `keys`. */
export const isProvenBy = ({ proof }: VerifiedToken, keys: readonly VerificationKey[]): boolean =>
  proof !== null && keys.includes(proof.key)

export interface VerifiedTokenCache {
  get(token: string): VerifiedToken | undefined
  /**
   * Keeps a token until it is deleted or others need the room. Where room is short, it keeps only a token that was set
   * before. `heapBytes`: what its header and claims take in memory.
   */
  set(token: string, verified: VerifiedToken, heapBytes: number): void
  delete(token: string): void
  /** The number of entries, and their bytes as they count towards the bound. */
  size(): { readonly entries: number; readonly bytes: number }
}

interface Entry {
  readonly token: string
  readonly verified: VerifiedToken
  readonly bytes: number
}

/** For the entry itself, its place in a Map, the proof and the grant, which were measured at about half of this. */
const ENTRY_BYTES = 1_024

/** The slots in which a first use may be noted: as many as two bits can number. */
const WAYS = 4

/** D. E. Knuth, The Art of Computer Programming, volume 3, section 6.4: 2^32 by the golden ratio, as an odd number. */
const MIXER = 0x9e37_79b1

/** Five characters of the signature as a number of 30 bits. The very last character may stand for fewer than six. */
function endOf(token: string): number {
  let end = 0
  for (let back = 6; back > 1; back--) end = (end << 6) ^ token.charCodeAt(token.length - back)
  return end & 0x3fff_ffff
}

/** `maxBytes`: never exceeded, notes of first uses included; 0: nothing is kept. */
export function createVerifiedTokenCache(maxBytes: number): VerifiedTokenCache {
  // As many notes as there could be entries. A note that is lost costs one verification.
  const sets = Math.floor(maxBytes / ENTRY_BYTES / WAYS)
  const firstUses = new Int32Array(sets * WAYS)
  let turn = 0
  const generationBytes = (maxBytes - firstUses.byteLength) / 2
  let young = new Map<number, Entry>()
  let old = new Map<number, Entry>()
  let youngBytes = 0
  let oldBytes = 0

  function put(end: number, entry: Entry): void {
    if (youngBytes + entry.bytes > generationBytes) {
      old = young
      oldBytes = youngBytes
      young = new Map()
      youngBytes = 0
    }
    young.set(end, entry)
    youngBytes += entry.bytes
  }

  /** Whether there is room without dropping anything, and nothing has been dropped before. */
  const isRoomy = (bytes: number): boolean => old.size === 0 && youngBytes + bytes <= generationBytes

  /** Whether the use of a token with this end has been noted. Notes it if not. */
  function wasUsedBefore(end: number): boolean {
    const first = WAYS * (end % sets)
    for (let way = 0; way < WAYS; way++) if (firstUses[first + way] === end) return true
    // The overwritten slot is as good as random, so that two tokens in steady use do not overwrite each other for ever.
    turn = Math.imul(turn + end, MIXER)
    firstUses[first + (turn >>> 30)] = end
    return false
  }

  function drop(end: number): void {
    youngBytes -= young.get(end)?.bytes ?? 0
    oldBytes -= old.get(end)?.bytes ?? 0
    young.delete(end)
    old.delete(end)
  }

  function moveUp(end: number): Entry | undefined {
    const entry = old.get(end)
    if (entry === undefined) return undefined
    drop(end)
    put(end, entry)
    return entry
  }

  return {
    get(token) {
      const end = endOf(token)
      const entry = young.get(end) ?? moveUp(end)
      return entry?.token === token ? entry.verified : undefined
    },
    set(token, verified, heapBytes) {
      const bytes = ENTRY_BYTES + token.length + heapBytes
      if (bytes > generationBytes) return
      const end = endOf(token)
      if (!isRoomy(bytes) && !wasUsedBefore(end)) return
      if (young.has(end) || old.has(end)) drop(end)
      put(end, { token: detach(token), verified, bytes })
    },
    delete: (token) => drop(endOf(token)),
    size: () => ({ entries: young.size + old.size, bytes: youngBytes + oldBytes }),
  }
}
