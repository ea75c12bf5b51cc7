// Changes of requests that oauth4webapi made: how a thief sends them. RFC 9449 section 11.

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
