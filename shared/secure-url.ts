// Which URLs may be fetched and configured: https, and http where the other end is this machine.

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

export const isSecureUrl = (url: URL): boolean =>
  url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname))
