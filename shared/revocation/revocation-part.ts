// The check that a token has not been revoked, a stage of the pipeline: every token passes it with every request,
// however it was read and cached. Without an answer from a store, or with one that is too old, the caller gets 503.

import type { CoreConfig, ResolvedRevocation, RevocationDemand } from '../config/config.ts'
import { failure, isFailure, type Failure } from '../failures/failure.ts'
import type { Deadline } from '../platform/deadline.ts'
import type { Ports } from '../platform/ports.ts'
import type { TokenCheck } from '../stages.ts'
import type { JsonObject } from '../token/strict-json.ts'
import type { ReadToken, Soon } from '../token/token-reader.ts'
import { createEntryKeys } from './entry-keys.ts'
import { toRevocable, type Revocable, type Strictest } from './revocable.ts'

/** Reads a store for one instance (one isolate, one Lambda sandbox). */
export interface RevocationReader {
  /** Of the entries under the keys the one with the latest `notBefore`. `isStrong`: as the store has them now. */
  find(revocable: Revocable, isStrong: boolean, deadline: Deadline): Soon<Strictest | Failure>
}

export type CreateRevocationReader = (config: ResolvedRevocation, ports: Ports) => RevocationReader

/** The slot of the pipeline for this check. */
export type CreateRevocationCheck = (config: CoreConfig, ports: Ports) => TokenCheck

/** Whether an entry covers a token. A token without `iat` may have been issued at any time. */
const covers = ({ notBefore }: Strictest, { iat }: Revocable): boolean =>
  notBefore > 0 && (iat === null || Math.floor(iat) <= notBefore)

/**
 * What all protected routes demand: `strong` if one does, `off` if each does. For an answer about every route, which no
 * path names (`ANY_ROUTE`).
 */
function demandOfAll(routes: CoreConfig['routes']): RevocationDemand | undefined {
  const demands = routes.filter(({ demand }) => demand !== null).map(({ revocation }) => revocation)
  if (demands.includes('strong')) return 'strong'
  return demands.length > 0 && demands.every((demand) => demand === 'off') ? 'off' : undefined
}

/** @internal Tests replace one at a time. */
export const REVOCATION_STEPS = { covers, toRevocable }

/** @internal The check of every token, with a reader of the store in `ports.revocations`. */
export function createRevocationCheck(
  { revocation, routes }: CoreConfig,
  ports: Ports,
  createReader: CreateRevocationReader,
  steps: typeof REVOCATION_STEPS = REVOCATION_STEPS,
): TokenCheck {
  const keys = createEntryKeys(ports.crypto)
  const reader = createReader(revocation!, ports)
  const ofAll = demandOfAll(routes)
  /** By the claims of a token, which every cache keeps as one object. */
  const revocables = new WeakMap<JsonObject, Revocable>()

  function revocableOf(token: string, { claims, issuer }: ReadToken): Revocable {
    let revocable = revocables.get(claims)
    if (revocable === undefined) {
      revocable = steps.toRevocable(token, claims, issuer, keys)
      revocables.set(claims, revocable)
    }
    return revocable
  }

  const toResult = (found: Strictest | Failure, revocable: Revocable): Failure | null => {
    if (isFailure(found)) return found
    return steps.covers(found, revocable)
      ? failure('token_revoked', { by: revocable.kinds[found.index]! })
      : null
  }

  return (token, route, { token: text, deadline }) => {
    const demand = route.path === '' ? ofAll : route.revocation
    if (demand === 'off') return null
    const revocable = revocableOf(text!, token)
    const found = reader.find(revocable, demand === 'strong', deadline)
    return found instanceof Promise
      ? found.then((late) => toResult(late, revocable))
      : toResult(found, revocable)
  }
}
