// The bodies of requests to the admin endpoint for many things to revoke: as few as its bounds allow.

import type { RevocationAuthor, RevocationRequest } from '../../shared/edge.ts'
import { MAX_BODY_BYTES, MAX_REQUESTS } from '../../functions/cloudflare/store/admin-body.ts'

export interface AdminBody extends RevocationAuthor {
  readonly requests: readonly RevocationRequest[]
}

const fits = (body: AdminBody): boolean =>
  body.requests.length <= MAX_REQUESTS && Buffer.byteLength(JSON.stringify(body)) <= MAX_BODY_BYTES

/** In the order of the requests. One that is too large for any body is in one of its own. */
export function toBodies(
  requests: readonly RevocationRequest[],
  author: RevocationAuthor,
): readonly AdminBody[] {
  const bodies: AdminBody[] = []
  for (const request of requests) {
    const last = bodies.at(-1)
    const longer = { ...author, requests: [...(last?.requests ?? []), request] }
    if (last !== undefined && fits(longer)) bodies[bodies.length - 1] = longer
    else bodies.push({ ...author, requests: [request] })
  }
  return bodies
}
