// Fills the slots of the pipeline that need a lookup at the issuer: readers of introspected tokens, and userinfo.

import type { CoreConfig, MethodName, ResolvedIssuer, ResolvedRoute } from '../config/config.ts'
import { failureRow, isFailure, type Failure } from '../failures/failure.ts'
import type { IssuerKeys } from '../keys/issuer-keys.ts'
import type { Ports } from '../platform/ports.ts'
import type { CompactParts } from '../token/compact.ts'
import type { TokenReader } from '../token/token-reader.ts'
import { createIntrospectionReader, INTROSPECTION_STEPS } from './introspection-reader.ts'
import { createShareCaches, type CreateTokenLookup, type CreateUserinfoLookup } from './lazy-lookups.ts'
import type { UserinfoLookup } from '../grant/userinfo-lookup.ts'
import type { LookupExtras } from './lookups.ts'
import type { TokenLookup } from './token-lookup.ts'
import { isIntrospected } from './introspected-issuer.ts'
import { createIssuerSelection } from './select-issuer.ts'

/** @internal Tests replace one at a time. */
export const INTROSPECTION_PART_STEPS = { createIssuerSelection, ...INTROSPECTION_STEPS }

/** What creates the lookups that the configuration has: for tokens, by the method of the issuer, and for users. */
export interface LookupCreators {
  readonly tokenLookups: Readonly<Partial<Record<MethodName, CreateTokenLookup>>>
  readonly userinfoLookup: CreateUserinfoLookup | undefined
  readonly extras: LookupExtras
}

export interface IntrospectionPart {
  /** The reader of a token; `null`: the token is not introspected, so it must be a JWT that is verified here. */
  selectReader(
    token: string,
    route: ResolvedRoute,
    parts: CompactParts | undefined,
  ): TokenReader | Failure | null
  /** By `iss`. */
  readonly userinfoLookups: ReadonlyMap<string, UserinfoLookup>
  /** Seconds until another lookup at this issuer is worth trying after `failed`. */
  retryAfterSeconds(failed: Failure, issuer: ResolvedIssuer): number
}

/** @internal */
export function createIntrospectionPart(
  config: CoreConfig,
  keys: IssuerKeys,
  ports: Ports,
  { tokenLookups: creators, userinfoLookup, extras }: LookupCreators,
  steps: typeof INTROSPECTION_PART_STEPS = INTROSPECTION_PART_STEPS,
): IntrospectionPart {
  const share = createShareCaches()
  const tokenLookups = new Map<string, TokenLookup>()
  const userinfoLookups = new Map<string, UserinfoLookup>()
  const readers = new Map<string, TokenReader>()
  for (const [iss, issuer] of config.issuers) {
    const { userinfo } = issuer.opaque
    if (userinfo !== null) userinfoLookups.set(iss, userinfoLookup!(issuer, userinfo, share, ports))
    if (!isIntrospected(issuer)) continue
    const create = creators[issuer.opaque.reader.kind]!
    const lookup = create(issuer, keys.storeOf(issuer), share, ports, extras)
    tokenLookups.set(iss, lookup)
    readers.set(iss, createIntrospectionReader(issuer, lookup, ports, steps))
  }
  const select = steps.createIssuerSelection(config)
  return {
    selectReader(token, route, parts) {
      const issuer = select(token, route, parts)
      return issuer === null || isFailure(issuer) ? issuer : readers.get(issuer.issuer)!
    },
    userinfoLookups,
    retryAfterSeconds(failed, { issuer: iss }) {
      const isUserinfo = failureRow(failed.code).waitsFor === 'userinfo'
      const lookup = isUserinfo ? userinfoLookups.get(iss) : tokenLookups.get(iss)
      return lookup?.retryAfterSeconds(failed) ?? 1
    },
  }
}
