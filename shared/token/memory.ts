// Tokens that this instance has verified before: what they say and which key signed it. It holds facts and never a
// decision: whoever finds a token here asks for its key again, and then about time, audience, route and scope, as if
// it had just been verified. Nothing is kept that was not signed by a configured issuer.
//
// The key of an entry is the whole text of the token. compact.ts accepts one spelling for every header, claims set
// and signature, so two texts are two tokens, and a Map compares texts exactly: no hash, nothing to collide with. A
// token whose last character was changed is another text and is verified like any token that was never seen.
//
// Bounded in bytes, over all issuers: one whose tokens pour in makes the others' be verified again, which is a matter
// of speed alone. Two generations make that cheap: what is used moves to the younger one, and when that is full the
// older one is dropped as a whole.

import type { ResolvedIssuer } from '../config/config.ts'
import type { Grant } from '../decision.ts'
import type { KeyRequest } from '../keys/key-set.ts'
import type { CryptoKey } from 'jose'
import { member, type JsonObject } from './strict-json.ts'

/** Good for as long as the same search finds the same key. */
export interface Proof {
  readonly request: KeyRequest
  readonly key: CryptoKey
}

/** A token whose signature, kind and form are in order. Whether it is good for anything now is not said. */
export interface VerifiedToken {
  readonly header: JsonObject
  readonly claims: JsonObject
  readonly issuer: ResolvedIssuer
  /** `null` where a shared secret verified it. */
  readonly proof: Proof | null
  /** What it grants to whoever has passed every check of the token, once that is known to depend on it alone. */
  grant?: Grant
}

/** Whether a key is the very one that verified a token. */
export const isProvenBy = ({ proof }: VerifiedToken, key: CryptoKey): boolean => proof?.key === key

export interface TokenMemory {
  /** `now` in milliseconds. */
  get(token: string, now: number): VerifiedToken | undefined
  /** Keeps a token until it has expired, or until others need the room. */
  set(token: string, verified: VerifiedToken, now: number): void
  forget(token: string): void
  /** What is held, by the same reckoning as the bound. */
  size(): { readonly entries: number; readonly bytes: number }
}

interface Entry {
  readonly verified: VerifiedToken
  readonly bytes: number
  readonly until: number
}

/** The entry itself, its places in a Map, the proof and the grant: about half of this, as measured. */
const ENTRY_BYTES = 1_024

/** At least what a value out of JSON.parse takes: an object or a list with room to grow, two bytes a character. */
function heapBytes(value: unknown): number {
  if (typeof value === 'string') return 32 + 2 * value.length
  if (typeof value !== 'object' || value === null) return 16
  let bytes = 64
  for (const name of Object.keys(value))
    bytes += 48 + 2 * name.length + heapBytes((value as JsonObject)[name])
  return bytes
}

/** A text of its own: one cut out of a longer one would keep all of that alive. */
const apart = (token: string): string => new TextDecoder().decode(new TextEncoder().encode(token))

/** `maxBytes`: strictly the most that is held; 0: nothing is. */
export function createTokenMemory(maxBytes: number): TokenMemory {
  const generationBytes = maxBytes / 2
  let young = new Map<string, Entry>()
  let old = new Map<string, Entry>()
  let youngBytes = 0
  let oldBytes = 0

  function put(token: string, entry: Entry): void {
    if (youngBytes + entry.bytes > generationBytes) {
      old = young
      oldBytes = youngBytes
      young = new Map()
      youngBytes = 0
    }
    young.set(token, entry)
    youngBytes += entry.bytes
  }

  function forget(token: string): void {
    youngBytes -= young.get(token)?.bytes ?? 0
    oldBytes -= old.get(token)?.bytes ?? 0
    young.delete(token)
    old.delete(token)
  }

  function moveUp(token: string): Entry | undefined {
    const entry = old.get(token)
    if (entry === undefined) return undefined
    forget(token)
    put(token, entry)
    return entry
  }

  return {
    get(token, now) {
      const entry = young.get(token) ?? moveUp(token)
      if (entry === undefined || now < entry.until) return entry?.verified
      forget(token)
      return undefined
    },
    set(token, verified, now) {
      forget(token)
      const { claims, header, issuer } = verified
      const until = 1000 * (Number(member(claims, 'exp')) + issuer.clockToleranceSeconds)
      const bytes = ENTRY_BYTES + token.length + heapBytes(header) + heapBytes(claims)
      if (now < until && bytes <= generationBytes) put(apart(token), { verified, bytes, until })
    },
    forget,
    size: () => ({ entries: young.size + old.size, bytes: youngBytes + oldBytes }),
  }
}
