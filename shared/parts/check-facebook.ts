// Part: the check of tokens by the API of Facebook.

import type { Part } from './parts.ts'

export const checkFacebook = {
  lookupExtras: {
    providers: { facebook: async () => (await import('../introspection/providers/facebook.ts')).FACEBOOK },
  },
} satisfies Part
