// The real fetch, with a header that tells the proxy of the drill which instance fetches a document of the issuer.

/** Requests for the origin are Request objects and are sent unchanged. */
export const markedFetch =
  (instance: string) =>
  (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> =>
    typeof input === 'string'
      ? fetch(input, { ...init, headers: { ...init.headers, 'x-drill-instance': instance } })
      : fetch(input, init)
