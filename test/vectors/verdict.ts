// The status of an outcome, also of API Gateway, which has fewer.

import type { Outcome } from '../edges/edge.ts'

export function statusOf({ allow, wire }: Outcome): number {
  if (typeof wire['status'] === 'number') return wire['status']
  if (wire['thrown'] === undefined) return allow ? 200 : 403
  return wire['thrown'] === 'Unauthorized' ? 401 : 500
}
