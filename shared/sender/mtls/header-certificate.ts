// The certificate of a client in a header field, which the proxy that ends TLS has set. Whoever reaches this edge can
// write such a field, so it counts only beside the secret of the guard, which the proxy sets in a second field. RFC
// 9440 sections 2 and 4.

import type { ResolvedMtls } from '../../config/config.ts'
import { failure, type Failure } from '../../failures/failure.ts'
import type { Ports } from '../../platform/ports.ts'
import type { DecisionContext } from '../../request/decision-context.ts'
import { createGuardCheck } from '../../secrets/guard-check.ts'
import { fromHex, refusedFor, thumbprintOf, type Sha256 } from './certificate-facts.ts'
import { fromBase64, fromPem } from './certificate-text.ts'

type HeaderSettings = NonNullable<ResolvedMtls['header']>

/** The thumbprint of the certificate in base64url, or why there is none; `null`: the field does not count. */
export type ReadHeaderCertificate = (context: DecisionContext) => Promise<string | Failure | null>

export type CreateHeaderCertificate = (header: HeaderSettings, ports: Ports) => ReadHeaderCertificate

/** Percent-encoding keeps `+`, which base64 has. A percent sign that begins no escape is refused. */
function decodePercent(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}

const ofDer = (der: Uint8Array | null, sha256: Sha256): string | null =>
  der === null ? null : thumbprintOf(der, sha256)

/** Longer ones are not decoded. */
const MAX_CHARS = 65_536

/** @internal By `mtls.header.format`. */
export const HEADER_FORMATS: Readonly<
  Record<HeaderSettings['format'], (value: string, sha256: Sha256) => string | null>
> = {
  rfc9440: (value, sha256) => ofDer(/^:[^:]*:$/.test(value) ? fromBase64(value.slice(1, -1)) : null, sha256),
  'pem-urlencoded': (value, sha256) => ofDer(fromPem(decodePercent(value) ?? ''), sha256),
  'sha256-hex': (value) => fromHex(value.toLowerCase()),
}

/** @internal */
export const createHeaderCertificate: CreateHeaderCertificate = ({ name, format, guard }, ports) => {
  const isGuard = createGuardCheck('mtls.header.guard.secret', guard.secret, 'fingerprint_key', ports)

  return async ({ request: { fields = {} }, deadline }) => {
    const [given, ...further] = fields[guard.header] ?? []
    if (given === undefined || further.length > 0) return null
    const isGuarded = await deadline.race(isGuard(given, deadline.waitUntil))
    if (typeof isGuarded !== 'boolean') return isGuarded
    if (!isGuarded) return null
    const [value = '', ...others] = fields[name] ?? []
    if (value === '') return failure('client_certificate_missing')
    // An edge may join two fields with a comma, which no format has.
    if (others.length > 0 || value.includes(',')) return refusedFor('repeated')
    const thumbprint = value.length > MAX_CHARS ? null : HEADER_FORMATS[format](value, ports.crypto.sha256!)
    return thumbprint ?? refusedFor('malformed')
  }
}
