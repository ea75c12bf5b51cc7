// Part: the check of tokens by the API of GitHub.

import type { Part } from './parts.ts'

export const checkGithub = {
  lookupExtras: {
    providers: { github: async () => (await import('../introspection/providers/github.ts')).GITHUB },
  },
} satisfies Part
