// How long a revoked token may still be accepted, added up from the configuration: seconds for each way in which tokens
// of an issuer are read. The sum is for one instance: instances share no news of a revocation.

import type { ResolvedConfig, ResolvedIssuer } from '../config/config.ts'
import { FRESHNESS } from '../keys/freshness.ts'

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

/**
 * The `Staleness` of every issuer, for each way in which its tokens are read. A JWT that is verified here is not
 * introspected, so its revocation takes effect at `exp`, which is at most `maxLifetimeSeconds` after it was issued.
 */
export function revocationStaleness(config: ResolvedConfig): readonly Staleness[] {
  const lifetimes = [...config.aws.authorizers.values()].map(({ resultTtlSeconds }) => resultTtlSeconds ?? 0)
  const gateway = {
    name: 'kept by the gateway',
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
