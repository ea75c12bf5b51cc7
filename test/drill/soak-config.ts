// The configuration of both edges of the soak.

import type { LanekeeperConfig } from '../../shared/index.ts'
import { SOAK_AUDIENCE } from './soak-tokens.ts'

export const soakConfig = (issuer: string): LanekeeperConfig => ({
  issuers: {
    main: {
      issuer,
      audience: SOAK_AUDIENCE,
      profile: 'rfc9068',
      keys: { discovery: 'openid-configuration' },
      algorithms: ['EdDSA'],
    },
  },
  routes: [{ path: '/orders', methods: ['GET'], scope: { allOf: ['read'] } }],
  aws: { resultTtlSeconds: 0 },
  origin: { url: 'http://127.0.0.1:1' },
})
