// Which URLs may be configured and fetched: https, and http to this machine.

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

/** http on loopback, for a local run. Metadata that was fetched over https may not name such a URL. */
export const isLoopbackHttp = (url: URL): boolean => url.protocol === 'http:' && LOOPBACK.has(url.hostname)

export const isSecureUrl = (url: URL): boolean => url.protocol === 'https:' || isLoopbackHttp(url)
