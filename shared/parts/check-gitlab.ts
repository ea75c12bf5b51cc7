// Part: the check of tokens by the API of GitLab.

import type { Part } from './parts.ts'

export const checkGitlab = {
  lookupExtras: {
    providers: { gitlab: async () => (await import('../introspection/providers/gitlab.ts')).GITLAB },
  },
} satisfies Part
