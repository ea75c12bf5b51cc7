// The real fetch, which tells the proxy of the drill which instance is asking for a document of the issuer.

/** Requests for the origin come as objects and are sent on as they are. */
export const markedFetch =
  (instance: string) =>
  (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> =>
    typeof input === 'string'
      ? fetch(input, { ...init, headers: { ...init.headers, 'x-drill-instance': instance } })
      : fetch(input, init)
