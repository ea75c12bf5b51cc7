// The configurations of the edges of the drill of DPoP, and of its store Worker.

import type { LanekeeperConfig } from '../../../shared/index.ts'

/** The host under which clients know the API. */
export const HOST = 'api.drill.example'
export const AUDIENCE = `https://${HOST}`
export const BINDING = 'REPLAYS'
export const TABLE = 'lanekeeper-replays'
export const STORE_SCRIPT = 'store'
export const NONCE_SECRET = { NONCE_KEY: Buffer.alloc(32, 'a secret of the drill').toString('base64url') }

/** Its proofs are remembered by each instance. */
export const PLAIN = { method: 'GET', path: '/orders' } as const
/** Its proofs are remembered by the store. */
export const STRONG = { method: 'POST', path: '/payments' } as const

export interface ConfigChange {
  /** For the Worker alone. */
  readonly hasNonces?: boolean
  /** Without it there is no store. Default: true. */
  readonly isStrong?: boolean
  readonly memoryBytes?: number
}

export const toConfig = (
  issuer: string,
  { hasNonces = false, isStrong = true, memoryBytes }: ConfigChange = {},
): LanekeeperConfig => ({
  issuers: {
    main: {
      issuer,
      audience: AUDIENCE,
      profile: 'rfc9068',
      keys: { discovery: 'openid-configuration' },
      algorithms: ['EdDSA'],
      senderConstraint: 'any',
    },
  },
  routes: [
    { path: PLAIN.path, methods: [PLAIN.method], scope: { allOf: ['read'] } },
    {
      path: STRONG.path,
      methods: [STRONG.method],
      scope: { allOf: ['read'] },
      senderConstraint: 'dpop',
      ...(isStrong ? { replay: 'strong' } : {}),
    },
  ],
  publicUrls: [AUDIENCE],
  dpop: {
    replay: {
      ...(isStrong ? { durableObject: BINDING, dynamodb: { table: TABLE } } : {}),
      ...(memoryBytes === undefined ? {} : { memoryBytes }),
    },
    ...(hasNonces ? { nonce: { key: { env: 'NONCE_KEY' } } } : {}),
  },
  aws: { strategy: 'off', resultTtlSeconds: 0 },
  origin: { url: 'http://127.0.0.1:1' },
})
