// From what somebody asks to revoke to the entries of a store: whose tokens, issued up to when, and for how long the entry
// has to stand. The command line, the admin endpoint and the receivers all come through here.

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
   * Tokens issued up to this time, by the clock of whoever asks. Default: `jti`, `token`, `sid` and `key` whenever the
   * token was issued; others up to now.
   */
  readonly before?: number
  /** `exp` of the token, for `jti` and `token`. Default: not known, so the entry stands as long as any token could. */
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
  | 'no_tenants'

/** The longest value of a claim that an entry takes. No token within the usual `limits.maxTokenBytes` has a longer one. */
const MAX_ID_CHARS = 8_192

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

function findIdProblem({ kind, id }: RevocationRequest): RequestProblem | null {
  if (kind === 'issuer') return id === undefined || id === '' ? null : 'id_unwanted'
  if (id === undefined || id === '') return 'id_missing'
  const isDigest = /^[A-Za-z0-9_-]{43}$/.test(id)
  return id.length > MAX_ID_CHARS || (kind === 'token' && !isDigest) ? 'id_malformed' : null
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
  const idProblem = findIdProblem(request)
  if (idProblem !== null) return { problem: idProblem }
  if (!isTime(request.before) || !isTime(request.expiresAt)) return { problem: 'time_malformed' }
  const found = findIssuers(request.issuer, issuers)
  if (found.length === 0)
    return { problem: request.issuer === undefined ? 'issuer_missing' : 'issuer_unknown' }
  if (kind === 'tenant' && found.every(({ profile }) => profile.tenant === undefined))
    return { problem: 'no_tenants' }
  return found.map((issuer) => ({
    kind,
    issuer: issuer.issuer,
    id,
    ...toTimes(request, issuer, now, isOwnClock),
    ...(sub !== undefined && isSingle({ kind }) && { wider: toUserEpoch(sub, issuer, now, isOwnClock) }),
  }))
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
