// Part: authentication at introspection endpoints by `private_key_jwt` (RFC 7523).

import type { Part } from './parts.ts'

export const privateKeyJwt = {
  lookupExtras: {
    privateKeyJwt: async () => (await import('../introspection/private-key-jwt.ts')).authenticateWithKey,
  },
} satisfies Part
