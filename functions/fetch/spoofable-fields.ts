// Header fields that servers trust because only a proxy, gateway or framework should write them. RFC 9110 section 7.6,
// RFC 7239 section 8.1. A client could send one to pretend to be such a gateway, so an edge removes them. Ordinary
// fields, credentials of clients and tracing are not among them. Which software reads them: spoofable-field-readers.ts.

/** Names as `canonicalName` spells them. One that ends with `*` stands for every name that begins like it. */
export const SPOOFABLE_FIELDS = {
  method: ['x-http-method', 'x-http-method-override', 'x-method-override', 'x-original-method'],
  target: [
    'x-original-path', 'x-original-prefix', 'x-original-uri', 'x-original-url', 'x-override-url', 'x-replaced-path',
    'x-rewrite-uri', 'x-rewrite-url', 'x-waws-unencoded-url',
  ],
  authority: [
    'forwarded', 'x-forwarded', 'x-forwarded-*', 'disguised-host', 'front-end-https', 'was-default-hostname',
    'x-appservice-proto', 'x-arr-ssl', 'x-host', 'x-http-host-override', 'x-original-host', 'x-original-proto',
    'x-scheme', 'x-url-scheme',
  ],
  address: [
    'client-ip', 'cloudfront-*', 'do-connecting-ip', 'fastly-client-ip', 'fastly-ssl', 'fly-client-ip',
    'fly-forwarded-*', 'forwarded-for', 'proxy-client-ip', 'x-azure-clientip', 'x-azure-socketip', 'x-client-ip',
    'x-cluster-client-ip', 'x-forward-for', 'x-nf-client-connection-ip', 'x-original-for', 'x-original-forwarded-for',
    'x-originating-ip', 'x-proxyuser-ip', 'x-vercel-forwarded-for', 'x-vercel-ip-*', 'x-vercel-proxied-for',
  ],
  user: [
    'cf-access-authenticated-user-email', 'cf-access-jwt-assertion', 'impersonate-*', 'iv-creds', 'iv-groups', 'iv-user*', 'oidc-*', 'remote-*', 'shib-*',
    'sm-auth*', 'sm-server*', 'sm-universalid', 'sm-user*', 'tailscale-*', 'teleport-jwt-assertion', 'x-amzn-oidc-*', 'x-anonymous-consumer',
    'x-apigateway-api-userinfo', 'x-appengine-*', 'x-auth-request-*', 'x-authenticated-*', 'x-authentik-*',
    'x-consumer-*', 'x-credential-identifier', 'x-credential-indentifier', 'x-email', 'x-endpoint-api-userinfo', 'x-goog-authenticated-user-*',
    'x-goog-iap-*', 'x-jwt-assertion', 'x-ms-client-principal*', 'x-ms-token-*', 'x-oidc-*', 'x-pomerium-claim-*',
    'x-pomerium-jwt-assertion', 'x-remote-*', 'x-user', 'x-userinfo', 'x-vouch-*', 'x-webauth-*',
  ],
  certificate: [
    'client-cert', 'client-cert-chain', 'ms-aspnetcore-*', 'ssl-client-*', 'x-amzn-mtls-*', 'x-arr-clientcert',
    'x-client-cert*', 'x-client-dn', 'x-client-verify', 'x-ssl-*',
  ],
  mesh: ['l5d-*', 'x-envoy-*'],
  gateway: ['path-info', 'proxy', 'request-uri', 'script-name', 'x-accel-*', 'x-script-name', 'x-sendfile-type'],
  container: ['-ws*', 'wl-proxy-*'],
  next: [
    'x-invoke-*', 'x-matched-path', 'x-middleware-invoke', 'x-middleware-next', 'x-middleware-override-headers',
    'x-middleware-redirect', 'x-middleware-request-*', 'x-middleware-rewrite', 'x-middleware-set-cookie',
    'x-middleware-skip', 'x-middleware-subrequest', 'x-middleware-subrequest-id', 'x-nextjs-rewritten-path',
    'x-nextjs-rewritten-query', 'x-now-route-matches',
  ],
  framework: [
    'x-astro-locals', 'x-astro-middleware-secret', 'x-astro-path', 'x-react-router-prerender-data',
    'x-react-router-spa-mode',
  ],
  lambda: ['x-amzn-lambda-context', 'x-amzn-request-context', 'x-apigateway-context', 'x-apigateway-event'],
} as const satisfies Record<string, readonly string[]> // prettier-ignore

/** Fields that Cloudflare writes, which stay. Other spellings of their names are removed: only a client sends those. */
export const PLATFORM_FIELDS = ['cf-*', 'true-client-ip', 'x-forwarded-for', 'x-real-ip'] as const

/** Fields about the client that the origin needs: a client cannot remove them by naming them in `Connection`. */
export const CLIENT_FIELDS = [
  'x-forwarded-for', 'x-real-ip', 'true-client-ip', 'cf-connecting-ip', 'cf-connecting-ipv6', 'cf-ray', 'cf-ipcountry',
  'cf-visitor',
] as const // prettier-ignore

const ALL: readonly string[] = Object.values(SPOOFABLE_FIELDS).flat()
const NAMES: ReadonlySet<string> = new Set(ALL)

const beginningsOf = (names: readonly string[]): RegExp =>
  new RegExp(`^(?:${names.map((name) => (name.endsWith('*') ? name.slice(0, -1) : `${name}$`)).join('|')})`)

const SPOOFABLE = beginningsOf(ALL.filter((name) => name.endsWith('*')))
const OF_PLATFORM = beginningsOf(PLATFORM_FIELDS)

/**
 * Header names that some server treats as equal: any case, and any other character, or an escape of one, for `-`
 * (RFC 3875 section 4.1.18).
 */
export const canonicalName = (name: string): string =>
  /^[a-z0-9-]*$/.test(name)
    ? name
    : name
        .toLowerCase()
        .replace(/%[0-9a-f]{2}/g, '-')
        .replace(/[^a-z0-9]/g, '-')

/** For the check of `origin.keepHeaders`. */
export const isRemoved = (name: string): boolean => isSpoofableField(name, canonicalName(name))

/** Whether a field is removed. `name`: in lower case; `canonical`: `canonicalName` of it. */
export function isSpoofableField(name: string, canonical: string): boolean {
  if (NAMES.has(canonical)) return true
  return OF_PLATFORM.test(canonical) ? name !== canonical : SPOOFABLE.test(canonical)
}
