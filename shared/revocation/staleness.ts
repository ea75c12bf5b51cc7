// How long a revoked token may still be accepted, added up from the configuration: seconds for each way in which tokens
// of an issuer are read. Where revocation is configured, for each edge as well. Otherwise instances share no news of a
// revocation, and the sum is for one instance.

import type { ResolvedConfig, ResolvedIssuer } from '../config/config.ts'
import { FRESHNESS } from '../keys/freshness.ts'
import { GATEWAY_PART, revocationBounds, type RevocationBound } from './bounds.ts'

/**
 * How long after its revocation a token of one issuer may still be accepted. An upper bound from the configuration, not
 * a measurement.
 */
export interface Staleness {
  /** Name of the issuer in the configuration. */
  readonly issuer: string
  /** `opaque`: tokens that are introspected; `jwt`: tokens that are verified here. */
  readonly tokens: 'opaque' | 'jwt'
  /** The sum of `parts`. */
  readonly seconds: number
  /** The addends; those of 0 seconds are left out. */
  readonly parts: readonly { readonly name: string; readonly seconds: number }[]
  /** The edge that looks for revocations. Absent: every edge, and none of them does. */
  readonly edge?: RevocationBound['edge']
  /** The name of the function in `aws.authorizers`. Absent: the settings of `aws` itself, or the Worker. */
  readonly authorizer?: string
  /** What the routes demand of the check (`routes[].revocation`). Absent: `revocation` is not configured. */
  readonly demand?: RevocationBound['demand'] | 'off'
  /** `seconds` without an outage of the store. Only with `edge`. */
  readonly reachableSeconds?: number
}

const add = (
  { name: issuer }: ResolvedIssuer,
  tokens: Staleness['tokens'],
  parts: Staleness['parts'],
): Staleness => ({
  issuer,
  tokens,
  parts: parts.filter(({ seconds }) => seconds > 0),
  seconds: parts.reduce((sum, part) => sum + part.seconds, 0),
})

/** How old a key may be that verifies something. */
const keyAgeMs = ({ keys }: ResolvedIssuer): number =>
  Math.max(FRESHNESS.staleIfErrorMs, (keys.secret === undefined ? keys.bundledMaxAgeMs : undefined) ?? 0)

/** Where the edge looks for no revocation. */
function uncheckedStaleness(config: ResolvedConfig): readonly Staleness[] {
  const lifetimes = [...config.aws.authorizers.values()].map(({ resultTtlSeconds }) => resultTtlSeconds ?? 0)
  const gateway = {
    name: GATEWAY_PART,
    seconds: Math.max(config.aws.resultTtlSeconds ?? 0, ...lifetimes),
  }
  return [...config.issuers.values()].flatMap((issuer) => {
    const { reader, jwt } = issuer.opaque
    const introspected =
      reader === null
        ? []
        : [
            add(issuer, 'opaque', [
              { name: 'cached', seconds: reader.cacheSeconds },
              { name: 'introspection under way', seconds: reader.timeoutMs / 1000 },
              {
                name: 'withdrawn key of signed answers',
                seconds: reader.response === 'jwt' ? keyAgeMs(issuer) / 1000 : 0,
              },
              gateway,
            ]),
          ]
    const verified =
      jwt !== 'verify'
        ? []
        : [
            add(issuer, 'jwt', [
              { name: 'until exp', seconds: issuer.maxLifetimeSeconds },
              { name: 'clock tolerance', seconds: issuer.clockToleranceSeconds },
              gateway,
            ]),
          ]
    return [...introspected, ...verified]
  })
}

/** The check is made for every request, however a token is read, so caches of tokens and lookups add nothing. */
const checkedStaleness = (
  { issuer, tokens }: Staleness,
  { edge, authorizer, demand, seconds, reachableSeconds, parts }: RevocationBound,
): Staleness => ({
  issuer,
  tokens,
  seconds,
  parts,
  edge,
  ...(authorizer !== null && { authorizer }),
  demand,
  reachableSeconds,
})

/**
 * The `Staleness` of every issuer, for each way in which its tokens are read. Where `revocation` is not configured, or
 * a route has it `off`: a JWT that is verified here is not introspected, so its revocation takes effect at `exp`, which
 * is at most `maxLifetimeSeconds` after it was issued. Where it is configured: for each edge with a store and each
 * function on AWS, for the routes that demand the same. A lifetime of cached answers that is not configured counts as
 * 0. A connection that is open already, such as a WebSocket, is not ended by a revocation and not counted.
 */
export function revocationStaleness(config: ResolvedConfig): readonly Staleness[] {
  const unchecked = uncheckedStaleness(config)
  if (config.revocation == null) return unchecked
  const isOff = config.routes.some(({ revocation }) => revocation === 'off')
  return [
    ...unchecked.flatMap((row) => revocationBounds(config).map((bound) => checkedStaleness(row, bound))),
    ...(isOff ? unchecked.map((row): Staleness => ({ ...row, demand: 'off' })) : []),
  ]
}
