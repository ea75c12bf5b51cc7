// Whether a request presents its token with the scheme DPoP. RFC 9449 section 7.1; RFC 9110 section 11.1.

import { leadingToken } from '../../platform/http-token.ts'
import type { DecisionContext } from '../../request/decision-context.ts'

/** The credential may be malformed behind the name of its scheme. */
export const isDpopScheme = ({ request: { authorization } }: DecisionContext): boolean =>
  leadingToken(authorization[0] ?? '').toLowerCase() === 'dpop'
