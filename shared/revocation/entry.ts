// A revocation entry: which tokens of an issuer are refused although they have not expired. Entries only become
// stricter: two entries about the same tokens merge to the later times, in whatever order they arrive.

/**
 * What an entry is about: one token (`jti`, `token`), the tokens of a session, a user, a client or a tenant, all tokens
 * of the issuer, or those bound to a key. Most by a claim; `token` by a digest of the token itself, `key` by the
 * thumbprint in `cnf` (`jkt` of RFC 9449 section 6.1, `x5t#S256` of RFC 8705 section 3.1).
 */
export const REVOCATION_KINDS = ['jti', 'token', 'sid', 'sub', 'client', 'tenant', 'issuer', 'key'] as const

/** What an entry is about: `REVOCATION_KINDS`. */
export type RevocationKind = (typeof REVOCATION_KINDS)[number]

/** In `notBefore`: whenever the tokens were issued. In `until`: the entry is never dropped. */
export const FOREVER = 0xffff_ffff

/** From when on and for how long an entry refuses tokens. Whole seconds since the epoch, at most `FOREVER`. */
export interface EntryTimes {
  /** Tokens with an `iat` up to and including this second are refused, and tokens without `iat`. */
  readonly notBefore: number
  /** When the last of these tokens has expired. The entry is dropped then. */
  readonly until: number
}

/** Which tokens an entry is about. */
export interface EntryName {
  readonly kind: RevocationKind
  /** The exact `iss`. */
  readonly issuer: string
  /** The value of the claim; for `token` the digest; for `issuer` empty. */
  readonly id: string
}

/** One thing that was revoked: which tokens, issued up to when, and for how long the entry stands. */
export interface RevocationEntry extends EntryName, EntryTimes {}

/** Of two entries with the same name, the later of each time. */
export const mergeTimes = (one: EntryTimes, other: EntryTimes): EntryTimes => ({
  notBefore: Math.max(one.notBefore, other.notBefore),
  until: Math.max(one.until, other.until),
})

/** The key of an entry in a store: 32 bytes that hide its name. */
export type EntryKey = Uint8Array

/** As many bytes of a key as a snapshot has. Two names with the same 12 bytes are not to be expected (2^-96). */
export const SNAPSHOT_KEY_BYTES = 12
