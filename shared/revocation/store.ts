// The port of revocation stores. An edge reads through `RevocationSource`. Receivers, the admin endpoint and the
// command line write through `RevocationStore`. A store that cannot be reached rejects: it never answers that there is
// no entry.

import type { EntryKey, EntryName, EntryTimes, RevocationEntry } from './entry.ts'

/** The reading side of a store: what an edge asks. */
export interface RevocationSource {
  /**
   * The times of the entry under each key; `null`: there is none. Sees every entry whose `revoke` has returned.
   *
   * @throws If the store cannot be reached.
   */
  find(keys: readonly EntryKey[]): Promise<readonly (EntryTimes | null)[]>
  /**
   * The entries that were added, changed or removed after a version; `null`: all entries. Absent where a store has no
   * snapshots. `version`: that of an earlier answer, which only the store can read.
   *
   * @throws If the store cannot be reached.
   */
  changesSince?(version: string | null): Promise<RevocationChanges>
}

/** Bytes of one change: 12 of the key, then `notBefore` and `until` with 4 each, most significant byte first. */
export const CHANGE_BYTES = 20

/** What has changed in a store since a version: an answer of `RevocationSource.changesSince`. */
export interface RevocationChanges {
  /** Up to where these changes go. */
  readonly version: string
  /** Whether the store has changes after `version` already. */
  readonly hasMore: boolean
  /** Whether all that was known before is void: the store cannot tell what has changed since. */
  readonly isReset: boolean
  /** The number of entries in the store. */
  readonly entries: number
  /** The changes, `CHANGE_BYTES` each. A `notBefore` of 0: the entry was removed. */
  readonly changes: Uint8Array
}

/** Who changed a store, for its record: no token and no secret. */
export interface RevocationAuthor {
  /** A person, or a receiver with the name of the issuer: `backchannel-logout main`. At most 256 characters. */
  readonly by: string
  /** At most 1 024 characters. */
  readonly reason?: string
}

/** An entry to add. */
export interface NewEntry extends RevocationEntry {
  /** Takes its place where there is no room for an entry of one token or session: all tokens of the user up to now. */
  readonly wider?: RevocationEntry
}

/**
 * What became of an entry. `stored`: it is in force. `known`: an entry that is as strict was there. `widened`: there
 * was no room, and all tokens of the user up to now are revoked in its place. `full`: there was no room, and nothing is
 * revoked.
 */
export type RevokeOutcome = 'stored' | 'known' | 'widened' | 'full'

/** An entry as it is listed. */
export interface ListedEntry extends RevocationEntry {
  /** When it was stored or last changed, in seconds since the epoch. */
  readonly at: number
  readonly by: string
  readonly reason?: string
}

/** A line of the record, which only grows. */
export interface RevocationRecord extends EntryName, EntryTimes, RevocationAuthor {
  readonly at: number
  readonly action: 'revoke' | 'unrevoke'
  readonly outcome: RevokeOutcome | 'removed' | 'absent'
}

/** Some items of a list, and where the next ones begin. */
export interface Page<Item> {
  readonly items: readonly Item[]
  /** To be passed for the next page; `null`: this is the last one. */
  readonly next: string | null
}

/** A store with both sides. Every method rejects if the store cannot be reached. */
export interface RevocationStore extends RevocationSource {
  /**
   * Adds entries. Each only becomes stricter: an older or repeated one changes nothing. Every outcome is in the record
   * before it is returned.
   */
  revoke(entries: readonly NewEntry[], author: RevocationAuthor): Promise<readonly RevokeOutcome[]>
  /** Removes entries. `false`: there was none. */
  unrevoke(names: readonly EntryName[], author: RevocationAuthor): Promise<readonly boolean[]>
  /** The entries in force. Each store has its own order. */
  list(page?: string | null): Promise<Page<ListedEntry>>
  /** The record, latest first. */
  records(page?: string | null): Promise<Page<RevocationRecord>>
}

/**
 * The bounds of a store. Where `maxEntries` is reached, nothing is dropped: `RevokeOutcome` says what happens. Entries
 * of one token or session (`jti`, `token`, `sid`) may take three quarters, so that there is room for epochs.
 */
export interface StoreLimits {
  readonly maxEntries: number
}

/** The most entries of one token or session. */
export const maxSingleEntries = ({ maxEntries }: StoreLimits): number => Math.floor((maxEntries * 3) / 4)

const SINGLE_KINDS: readonly string[] = ['jti', 'token', 'sid']

/** Whether an entry is about one token or session, and not an epoch. */
export const isSingle = ({ kind }: Pick<EntryName, 'kind'>): boolean => SINGLE_KINDS.includes(kind)
