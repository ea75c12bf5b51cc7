// Part: signed introspection responses (RFC 9701).

import type { Part } from './parts.ts'

export const signedResponses = {
  lookupExtras: {
    signedResponses: async () => (await import('../introspection/signed-response.ts')).readSigned,
  },
} satisfies Part
