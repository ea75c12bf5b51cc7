// Whether a request presents its token with the scheme DPoP. RFC 9449 section 7.1; RFC 9110 section 11.1.

import type { DecisionContext } from '../../request/decision-context.ts'

const SCHEME = /^dpop /i

export const isDpopScheme = ({ request: { authorization } }: DecisionContext): boolean =>
  SCHEME.test(authorization[0] ?? '')
