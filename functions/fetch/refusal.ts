// A refusal as a response. RFC 9457, RFC 6750 section 3.

import { toRefusal, type Deny } from '../../shared/edge.ts'

export function toResponse(deny: Deny, realm: string): Response {
  const { status, headers, body } = toRefusal(deny, realm)
  return new Response(JSON.stringify(body), { status, headers })
}
