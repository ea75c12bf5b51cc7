// Part: claims about the user from the userinfo endpoint (OpenID Connect Core 1.0 section 5.3).

import { createIntrospectionPart } from '../introspection/introspection-part.ts'
import { createUserinfoLookup } from '../introspection/lazy-lookups.ts'
import type { Part } from './parts.ts'

export const userinfo: Part = {
  lookups: createIntrospectionPart,
  userinfoLookup: createUserinfoLookup,
}
