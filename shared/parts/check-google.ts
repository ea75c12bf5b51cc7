// Part: the check of tokens by the API of Google.

import type { Part } from './parts.ts'

export const checkGoogle = {
  lookupExtras: {
    providers: { google: async () => (await import('../introspection/providers/google.ts')).GOOGLE },
  },
} satisfies Part
