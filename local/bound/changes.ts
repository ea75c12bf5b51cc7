// Changes of requests that oauth4webapi made: how a thief sends them. RFC 9449 section 11, RFC 8705 section 6.

import { X509Certificate } from 'node:crypto'
import type { Sent } from './api-client.ts'

/** The same fields, with some of them replaced; `null`: removed. */
export const withFields = (
  sent: Sent,
  fields: Readonly<Record<string, Sent['fields'][string] | null>>,
): Sent => ({
  ...sent,
  fields: Object.fromEntries(
    Object.entries({ ...sent.fields, ...fields }).filter(([, value]) => value !== null),
  ) as Sent['fields'],
})

/** As the scheme of a token that is sent otherwise. */
export const asScheme = (scheme: 'Bearer' | 'DPoP', sent: Sent): Sent =>
  withFields(sent, { authorization: String(sent.fields['authorization']).replace(/^\S+/, scheme) })

/** With the proof of another request. */
export const withProofOf = (sent: Sent, { fields }: Sent): Sent => withFields(sent, { dpop: fields['dpop']! })

/** One character of the signature is another one. The first one of it, because the last one may have unused bits. */
export function withOtherSignature(sent: Sent): Sent {
  const [header, payload, signature = ''] = String(sent.fields['dpop']).split('.')
  const first = signature.startsWith('A') ? 'B' : 'A'
  return withFields(sent, { dpop: `${header}.${payload}.${first}${signature.slice(1)}` })
}

/** The fields in which proxies pass the certificate of a client on, by who sets them. `pem`: what they would say. */
export const forgedFields = (pem: string) => {
  const { raw, fingerprint256 } = new X509Certificate(pem)
  const hex = fingerprint256.replaceAll(':', '').toLowerCase()
  return {
    /** RFC 9440. */
    rfc9440: { 'client-cert': `:${raw.toString('base64')}:` },
    loadBalancer: {
      'x-amzn-mtls-clientcert': encodeURIComponent(pem),
      'x-amzn-mtls-clientcert-leaf': encodeURIComponent(pem),
    },
    cloudFront: { 'cloudfront-viewer-cert-present': '1', 'cloudfront-viewer-cert-sha256': hex },
    cloudflare: {
      'cf-cert-presented': 'true',
      'cf-cert-verified': 'true',
      'cf-client-cert-sha256': hex,
    },
  } as const
}
