// The types of a resolved issuer, as the local issuer reads them, and which of them mint tokens.

import type { ResolvedConfig } from '../../shared/index.ts'

export type ResolvedIssuer = ResolvedConfig['issuers'] extends ReadonlyMap<string, infer One> ? One : never
export type PlannedProfile = ResolvedIssuer['profile']
export type ScopeClaim = ResolvedIssuer['scopes']['user']
export type Evidence = PlannedProfile['evidence'][number][number]

export type Members = Readonly<Record<string, unknown>>

/** An `iss` that only ID tokens have: every token with an `iss` is of another kind there. */
const isForIdTokensOnly = ({ profile }: ResolvedIssuer): boolean =>
  profile.otherKinds?.some(({ evidence }) => evidence.name === 'iss') === true

/** The issuers of access tokens, one for each tenant, in the order of the configuration. */
export const mintingIssuers = (config: Pick<ResolvedConfig, 'issuers'>): readonly ResolvedIssuer[] =>
  [...config.issuers.values()].filter((issuer) => !isForIdTokensOnly(issuer))
