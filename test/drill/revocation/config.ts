// The configuration of every edge of the drill of revocations, and of its store Worker.

import { resolveConfig, revocationStaleness, type LanekeeperConfig } from '../../../shared/index.ts'
import type { Times } from './schedule.ts'

export const AUDIENCE = 'https://api.drill.example'
export const BINDING = 'REVOCATIONS'
export const TABLE = 'lanekeeper-revocations'
export const STORE_SCRIPT = 'store'

/** Credentials of the admin endpoint, for a store on loopback that lives as long as the drill. */
export const ADMIN_SECRETS = {
  STORE_REVOKE: 'the-credential-that-revokes-in-the-drill',
  STORE_LIST: 'the-credential-that-lists-in-the-drill-',
} as const

/** `isIgnoring`: for an edge that does not ask the store. */
export const toConfig = (
  issuer: string,
  { refreshSeconds, staleSeconds }: Times,
  isIgnoring = false,
): LanekeeperConfig => ({
  issuers: {
    main: {
      issuer,
      audience: AUDIENCE,
      profile: 'rfc9068',
      keys: { discovery: 'openid-configuration' },
      algorithms: ['EdDSA'],
      session: { claim: 'sid' },
    },
  },
  routes: [
    {
      path: '/orders',
      methods: ['GET'],
      scope: { allOf: ['read'] },
      ...(isIgnoring ? { revocation: 'off' } : {}),
    },
  ],
  revocation: {
    durableObject: BINDING,
    dynamodb: { table: TABLE },
    refreshSeconds,
    staleSeconds,
    admin: { revoke: { env: 'STORE_REVOKE' }, list: { env: 'STORE_LIST' } },
  },
  aws: { resultTtlSeconds: 0 },
  origin: { url: 'http://127.0.0.1:1' },
})

/** The longest time until a revocation takes effect, as `lanekeeper check` prints it. */
export interface Bound {
  readonly seconds: number
  /** While the store answers. */
  readonly reachableSeconds: number
}

/** The bounds of the Worker and of the Lambda. */
export function boundsOf(config: LanekeeperConfig): Readonly<Record<'cloudflare' | 'aws', Bound>> {
  const rows = revocationStaleness(resolveConfig(config))
  const of = (edge: 'cloudflare' | 'aws'): Bound => {
    const row = rows.find((one) => one.edge === edge && one.demand === 'usual')
    return { seconds: row!.seconds!, reachableSeconds: row!.reachableSeconds! }
  }
  return { cloudflare: of('cloudflare'), aws: of('aws') }
}
