// Which URLs may be fetched and configured: https, and http where the other end is this machine.

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

/** http on loopback: for a local run, and not to be reached from configuration that came over https. */
export const isLoopbackHttp = (url: URL): boolean => url.protocol === 'http:' && LOOPBACK.has(url.hostname)

export const isSecureUrl = (url: URL): boolean => url.protocol === 'https:' || isLoopbackHttp(url)
