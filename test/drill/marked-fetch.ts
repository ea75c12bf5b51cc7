// The requests of an edge to its issuer, with a header that tells the proxy of the drill which instance makes them.

import { INSTANCE_HEADER } from './instance-header.ts'

/** `fetch`: the real one. Requests for the origin are Request objects and are sent unchanged. */
export const markedFetch =
  (instance: string, fetch: typeof globalThis.fetch) =>
  (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> =>
    typeof input === 'string'
      ? fetch(input, { ...init, headers: { ...init.headers, [INSTANCE_HEADER]: instance } })
      : fetch(input, init)
