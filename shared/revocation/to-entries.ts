// From what somebody asks to revoke to the entries of a store: whose tokens, issued up to when, and for how long the
// entry has to stand. The command line, the admin endpoint and the receivers all come through here.

import type { ResolvedIssuer } from '../config/config.ts'
import {
  FOREVER,
  REVOCATION_KINDS,
  type EntryName,
  type EntryTimes,
  type RevocationEntry,
  type RevocationKind,
} from './entry.ts'
import { isSingle, type NewEntry } from './store.ts'

/** What is to be revoked. Times in seconds since the epoch. */
export interface RevocationRequest {
  readonly kind: RevocationKind
  /** Name in the configuration or exact `iss`. May be left out where one issuer is configured. */
  readonly issuer?: string
  /** The value of the claim; for `token` the digest. Not for `issuer`. */
  readonly id?: string
  /**
   * Tokens issued up to this time, by the clock of whoever asks; at most 300 seconds in the future. Default: `jti`,
   * `token`, `sid` and `key` whenever the token was issued; others up to now. An entry for `sid` still ends when the
   * tokens have expired that were issued by now: it does not stop an issuer that goes on with the session.
   */
  readonly before?: number
  /**
   * `exp` of the token, for `jti` and `token`, from somebody who has verified it: the entry ends with it. Default: not
   * known, so the entry stands as long as any token could.
   */
  readonly expiresAt?: number
  /** The user, for `jti`, `token` and `sid`: for `NewEntry.wider`. */
  readonly sub?: string
}

export type RequestProblem =
  | 'kind_unknown'
  | 'issuer_unknown'
  | 'issuer_missing'
  | 'id_missing'
  | 'id_unwanted'
  | 'id_malformed'
  | 'time_malformed'
  /** `before` is later than any clock may say. */
  | 'time_in_future'
  /** `expiresAt` of something other than one token. */
  | 'expiry_unwanted'
  /** `expiresAt` has passed, so every edge refuses the token. */
  | 'token_expired'
  | 'no_tenants'

/**
 * The longest value of a claim that an entry takes. No token within the usual `limits.maxTokenBytes` has a longer one.
 */
const MAX_ID_CHARS = 8_192

/** How far a clock may be ahead of `now`, in seconds. */
const MAX_AHEAD_SECONDS = 300

/** The kinds whose id is a SHA-256 digest in base64url. */
const DIGESTS: readonly RevocationKind[] = ['token', 'key']

/** The kinds that are one token, with one `exp`. */
const ONE_TOKEN: readonly RevocationKind[] = ['jti', 'token']

/** Whether tokens of an issuer may have no `exp`: only its answers about opaque tokens say how long they live. */
const mayLackExp = ({ opaque }: RevocableIssuer): boolean => opaque.reader !== null

/** What is read of an issuer. */
export type RevocableIssuer = Pick<
  ResolvedIssuer,
  'name' | 'issuer' | 'clockToleranceSeconds' | 'maxLifetimeSeconds' | 'opaque' | 'profile' | 'tenant'
>

const toSeconds = (time: number): number => Math.min(FOREVER, Math.max(0, Math.floor(time)))

/**
 * When the last token has expired that was issued at `issuedUntil` or before; `FOREVER` where tokens have no end.
 * `isOwnClock`: see `toTimes`.
 */
const lastExp = (issuer: RevocableIssuer, issuedUntil: number): number =>
  mayLackExp(issuer) || issuedUntil >= FOREVER
    ? FOREVER
    : toSeconds(issuedUntil + issuer.maxLifetimeSeconds + issuer.clockToleranceSeconds + 1)

/** The kinds that refuse tokens whenever they were issued, unless a time is given. */
const WHENEVER: readonly RevocationKind[] = ['jti', 'token', 'sid', 'key']

/**
 * The times of an entry. `isOwnClock`: the time is from a clock other than the issuer's, so the issuer's may have been
 * ahead of it.
 */
export function toTimes(
  { kind, before, expiresAt }: Pick<RevocationRequest, 'kind' | 'before' | 'expiresAt'>,
  issuer: RevocableIssuer,
  now: number,
  isOwnClock = true,
): EntryTimes {
  const tolerance = isOwnClock ? issuer.clockToleranceSeconds : 0
  if (before === undefined && WHENEVER.includes(kind)) {
    if (kind === 'key') return { notBefore: FOREVER, until: FOREVER }
    const until =
      expiresAt === undefined
        ? lastExp(issuer, now + issuer.clockToleranceSeconds)
        : toSeconds(expiresAt + issuer.clockToleranceSeconds + 1)
    return { notBefore: FOREVER, until }
  }
  const notBefore = toSeconds((before ?? now) + tolerance)
  return { notBefore, until: lastExp(issuer, notBefore) }
}

const isTime = (value: unknown): boolean =>
  value === undefined || (Number.isFinite(value) && (value as number) >= 0 && (value as number) < FOREVER)

function findIssuers(
  named: string | undefined,
  issuers: readonly RevocableIssuer[],
): readonly RevocableIssuer[] {
  if (named !== undefined) return issuers.filter(({ name, issuer }) => name === named || issuer === named)
  return new Set(issuers.map(({ name }) => name)).size === 1 ? issuers : []
}

/** Whether it can be the value of a claim: half of a surrogate pair has no UTF-8. */
const isClaim = (text: string): boolean => text.length <= MAX_ID_CHARS && text.isWellFormed()

function findIdProblem({ kind, id }: RevocationRequest): RequestProblem | null {
  if (kind === 'issuer') return id === undefined || id === '' ? null : 'id_unwanted'
  if (id === undefined || id === '') return 'id_missing'
  const isDigest = /^[A-Za-z0-9_-]{43}$/.test(id)
  return isClaim(id) && (isDigest || !DIGESTS.includes(kind)) ? null : 'id_malformed'
}

/** `now`: seconds since the epoch. */
function findTimeProblem({ kind, before, expiresAt }: RevocationRequest, now: number): RequestProblem | null {
  if (!isTime(before) || !isTime(expiresAt)) return 'time_malformed'
  if (before !== undefined && before > now + MAX_AHEAD_SECONDS) return 'time_in_future'
  return expiresAt !== undefined && !ONE_TOKEN.includes(kind) ? 'expiry_unwanted' : null
}

const toUserEpoch = (
  id: string,
  issuer: RevocableIssuer,
  now: number,
  isOwnClock: boolean,
): RevocationEntry => ({
  kind: 'sub',
  issuer: issuer.issuer,
  id,
  ...toTimes({ kind: 'sub' }, issuer, now, isOwnClock),
})

/**
 * The entries for a request: one for each `iss` of the issuer. `now`: seconds since the epoch. `isOwnClock`: whether
 * `before` and `now` are from a clock other than the issuer's. Then tokens issued up to `clockToleranceSeconds` later
 * are covered as well.
 */
export function toEntries(
  request: RevocationRequest,
  issuers: readonly RevocableIssuer[],
  now: number,
  isOwnClock = true,
): readonly NewEntry[] | { readonly problem: RequestProblem } {
  const { kind, id = '', sub } = request
  if (!REVOCATION_KINDS.includes(kind)) return { problem: 'kind_unknown' }
  const problem = findIdProblem(request) ?? findTimeProblem(request, now)
  if (problem !== null) return { problem }
  if (sub !== undefined && !isClaim(sub)) return { problem: 'id_malformed' }
  const found = findIssuers(request.issuer, issuers)
  if (found.length === 0)
    return { problem: request.issuer === undefined ? 'issuer_missing' : 'issuer_unknown' }
  if (kind === 'tenant' && found.every(({ profile }) => profile.tenant === undefined))
    return { problem: 'no_tenants' }
  const entries = found.map((issuer) => ({
    kind,
    issuer: issuer.issuer,
    id,
    ...toTimes(request, issuer, now, isOwnClock),
    ...(sub !== undefined && isSingle({ kind }) && { wider: toUserEpoch(sub, issuer, now, isOwnClock) }),
  }))
  const hasExpired = request.expiresAt !== undefined && entries.every(({ until }) => until <= now)
  return hasExpired ? { problem: 'token_expired' } : entries
}

/** The names of the entries for a request, to remove them. */
export function toNames(
  { kind, id = '', issuer: named }: Pick<RevocationRequest, 'kind' | 'id' | 'issuer'>,
  issuers: readonly RevocableIssuer[],
): readonly EntryName[] | { readonly problem: RequestProblem } {
  if (!REVOCATION_KINDS.includes(kind)) return { problem: 'kind_unknown' }
  const idProblem = findIdProblem({ kind, id })
  if (idProblem !== null) return { problem: idProblem }
  const found = findIssuers(named, issuers)
  return found.length === 0
    ? { problem: named === undefined ? 'issuer_missing' : 'issuer_unknown' }
    : found.map(({ issuer }) => ({ kind, issuer, id }))
}
