// Part: introspection of tokens (RFC 7662).

import { createIntrospectionPart } from '../introspection/introspection-part.ts'
import { tokenLookupBy } from '../introspection/lazy-lookups.ts'
import type { Part } from './parts.ts'

export const introspection = {
  lookups: createIntrospectionPart,
  tokenLookups: {
    introspection: tokenLookupBy(async (...about) =>
      (await import('../introspection/introspection-request.ts')).loadIntrospection(...about),
    ),
  },
} satisfies Part
