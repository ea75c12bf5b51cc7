// How late a revocation may be seen, added up from what is configured: one number for each way in which an issuer's
// tokens are read, all in seconds. It holds for each instance by itself; none tells another.

import type { ResolvedConfig, ResolvedIssuer } from '../config/config.ts'
import { FRESHNESS } from '../keys/freshness.ts'

export interface Staleness {
  /** Name of the issuer in the configuration. */
  readonly issuer: string
  readonly tokens: 'opaque' | 'jwt'
  readonly seconds: number
  /** What adds up to it. */
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

/**
 * Of every issuer. A JWT that is verified here is not asked about: its revocation is seen when `exp` has passed,
 * which is at most `maxLifetimeSeconds` after it was issued.
 */
export function revocationStaleness(config: ResolvedConfig): readonly Staleness[] {
  const lifetimes = [...config.aws.authorizers.values()].map(({ resultTtlSeconds }) => resultTtlSeconds ?? 0)
  const gateway = {
    name: 'kept by the gateway',
    seconds: Math.max(config.aws.resultTtlSeconds ?? 0, ...lifetimes),
  }
  return [...config.issuers.values()].flatMap((issuer) => {
    const { reader, jwt } = issuer.opaque
    const asked =
      reader === null
        ? []
        : [
            add(issuer, 'opaque', [
              { name: 'remembered', seconds: reader.cacheSeconds },
              { name: 'an answer under way', seconds: reader.timeoutMs / 1000 },
              {
                name: 'a withdrawn key of signed answers',
                seconds: reader.response === 'jwt' ? FRESHNESS.staleIfErrorMs / 1000 : 0,
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
    return [...asked, ...verified]
  })
}
