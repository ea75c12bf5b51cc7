// Part: the check of tokens by the API of a provider that has no introspection. Each provider is a part, too.

import { createIntrospectionPart } from '../introspection/introspection-part.ts'
import { tokenLookupBy } from '../introspection/lazy-lookups.ts'
import type { Part } from './parts.ts'

export const check = {
  lookups: createIntrospectionPart,
  tokenLookups: {
    check: tokenLookupBy(async (...about) =>
      (await import('../introspection/provider-check.ts')).loadCheck(...about),
    ),
  },
} satisfies Part
