// The certificate that a client presented in TLS, as Cloudflare describes it. Checks nothing.
// https://developers.cloudflare.com/workers/runtime-apis/request/#incomingrequestcfproperties

/** The members of `request.cf.tlsClientAuth` that are strings; `null` where no certificate was presented. */
export function readClientCertificate(request: Request): Readonly<Record<string, string>> | null {
  const { cf } = request as { readonly cf?: { readonly tlsClientAuth?: Readonly<Record<string, unknown>> } }
  const tlsClientAuth = cf?.tlsClientAuth
  if (typeof tlsClientAuth !== 'object' || tlsClientAuth === null || tlsClientAuth['certPresented'] !== '1')
    return null
  return Object.fromEntries(
    Object.entries(tlsClientAuth).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}
