// Tokens that this instance has verified before: what they say and which key signed it. It holds facts and never a
// decision: whoever finds a token here asks for its key again, and then about time, audience, route and scope, as if
// it had just been verified, and forgets it once it has expired. Nothing is kept that no configured issuer has signed.
// It has no clock.
//
// A token is found by its whole text, signature included. compact.ts accepts one spelling for every header, claims set
// and signature, and texts are compared exactly: there is no hash to collide with. Two signatures of the same claims
// (ECDSA: s and n - s) are two entries, each verified by itself. A Map would hash the
// whole text first, which takes longer than all the rest of the search; so a token is looked up by its last
// characters, which are those of its signature and as good as random, and then compared as a whole. A token that only
// ends like one that is held is another token and is verified like any that was never seen. Of two that end alike the
// later one is held.
//
// Bounded in bytes, over all issuers. Two generations make that cheap: what is used moves to the younger one, and when
// that is full the older one is dropped as a whole. From then on a token is kept when it comes for the second time: of
// one that comes for the first there is only a mark. So tokens that are used once, however many, do not displace those
// that are used, and cost next to nothing.

import type { ResolvedIssuer } from '../config/config.ts'
import type { Grant } from '../decision.ts'
import type { KeyStore } from '../keys/key-store.ts'
import type { KeyLease } from '../keys/lease.ts'
import type { KeyRequest } from '../keys/select-key.ts'
import type { VerificationKey } from '../platform/ports.ts'
import { detach } from './detach.ts'
import type { JsonObject } from './strict-json.ts'

/** The key that verified a token. It counts for as long as the same search finds it. */
export interface Proof {
  readonly request: KeyRequest
  readonly key: VerificationKey
  /** Where it was found. */
  readonly store: KeyStore
  /** While it is in force the search would find the key and need not be made. Each search renews it. */
  lease: KeyLease | null
}

/** A token whose signature, kind and form are in order. Whether it is good for anything now is not said. */
export interface VerifiedToken {
  readonly header: JsonObject
  readonly claims: JsonObject
  readonly issuer: ResolvedIssuer
  /** `null` where a shared secret verified it. */
  readonly proof: Proof | null
  /** What it grants once it passes every check, where the token alone says so. */
  readonly grant: Grant | undefined
  /** By what name it goes in the log, as long as names are made with the same key. */
  name: { readonly text: string; readonly key: object } | undefined
}

/** Whether one of some keys is the very one that verified a token. */
export const isProvenBy = ({ proof }: VerifiedToken, keys: readonly VerificationKey[]): boolean =>
  proof !== null && keys.includes(proof.key)

export interface TokenMemory {
  get(token: string): VerifiedToken | undefined
  /**
   * Keeps a token until it is to be forgotten, or until others need the room; where room is short, only one that was
   * offered before. `heapBytes`: what its header and claims take.
   */
  set(token: string, verified: VerifiedToken, heapBytes: number): void
  forget(token: string): void
  /** What is held, by the same reckoning as the bound. */
  size(): { readonly entries: number; readonly bytes: number }
}

interface Entry {
  readonly token: string
  readonly verified: VerifiedToken
  readonly bytes: number
}

/** The entry itself, its places in a Map, the proof and the grant: about half of this, as measured. */
const ENTRY_BYTES = 1_024

/** In so many places a mark may be: as many as two bits tell apart. */
const WAYS = 4

/** D. E. Knuth, The Art of Computer Programming, volume 3, section 6.4: 2^32 by the golden ratio, as an odd number. */
const MIXER = 0x9e37_79b1

/** Five characters of the signature as a number of 30 bits. The very last character may stand for fewer than six. */
function endOf(token: string): number {
  let end = 0
  for (let back = 6; back > 1; back--) end = (end << 6) ^ token.charCodeAt(token.length - back)
  return end & 0x3fff_ffff
}

/** `maxBytes`: strictly the most that is held, marks included; 0: nothing is. */
export function createTokenMemory(maxBytes: number): TokenMemory {
  // As many as there could be entries. One that is lost costs a verification.
  const sets = Math.floor(maxBytes / ENTRY_BYTES / WAYS)
  const marks = new Int32Array(sets * WAYS)
  let turn = 0
  const generationBytes = (maxBytes - marks.byteLength) / 2
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

  /** Whether there is room for so much without dropping anything, and nothing has been dropped before. */
  const isRoomy = (bytes: number): boolean => old.size === 0 && youngBytes + bytes <= generationBytes

  /** Whether a token that ends so was offered before, as far as anybody remembers. Leaves a mark that it has been. */
  function isMarked(end: number): boolean {
    const first = WAYS * (end % sets)
    for (let way = 0; way < WAYS; way++) if (marks[first + way] === end) return true
    // Which one makes room is as good as random, so that tokens that keep coming do not take turns at it for ever.
    turn = Math.imul(turn + end, MIXER)
    marks[first + (turn >>> 30)] = end
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
      if (!isRoomy(bytes) && !isMarked(end)) return
      const own = detach(token)
      if (young.has(end) || old.has(end)) drop(end)
      put(end, { token: own, verified, bytes })
    },
    forget: (token) => drop(endOf(token)),
    size: () => ({ entries: young.size + old.size, bytes: youngBytes + oldBytes }),
  }
}
