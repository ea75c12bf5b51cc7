// A client certificate as the platforms state it: API Gateway in `clientCert` of an event, Cloudflare in
// `request.cf.tlsClientAuth`. Names and forms: docs/mtls.md.

import 'reflect-metadata'
import {
  AuthorityKeyIdentifierExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
} from '@peculiar/x509'
import { createHash, X509Certificate as NodeCertificate } from 'node:crypto'
import { toNameLine } from '../api-gateway/client-cert.ts'

export { toClientCert, type ClientCert } from '../api-gateway/client-cert.ts'

/** All members are strings. */
export type TlsClientAuth = Readonly<Record<string, string>>

const NAMES = [
  'certIssuerDN', 'certIssuerDNLegacy', 'certIssuerDNRFC2253', 'certIssuerSKI', 'certIssuerSerial', 'certFingerprintSHA1',
  'certFingerprintSHA256', 'certNotAfter', 'certNotBefore', 'certRFC9440', 'certSKI', 'certSerial', 'certSubjectDN',
  'certSubjectDNLegacy', 'certSubjectDNRFC2253',
] as const // prettier-ignore

/** What Cloudflare states where the client presented no certificate. */
export const NO_TLS_CLIENT_AUTH: TlsClientAuth = {
  certPresented: '0',
  certVerified: 'NONE',
  certRevoked: '0',
  certRFC9440TooLarge: '0',
  certChainRFC9440: '',
  certChainRFC9440TooLarge: '0',
  ...Object.fromEntries(NAMES.map((name) => [name, ''])),
}

/** `verified`: `SUCCESS`, or `FAILED:` and the reason. */
export function toTlsClientAuth(pem: string, verified = 'SUCCESS'): TlsClientAuth {
  const node = new NodeCertificate(pem)
  const certificate = new X509Certificate(node.raw)
  const [subject, issuer] = [toNameLine(node.subject), toNameLine(node.issuer)]
  const hashOf = (algorithm: string) => createHash(algorithm).update(node.raw).digest('hex')
  return {
    ...NO_TLS_CLIENT_AUTH,
    certPresented: '1',
    certVerified: verified,
    certIssuerDN: issuer,
    certIssuerDNLegacy: issuer,
    certIssuerDNRFC2253: issuer,
    certIssuerSKI: (certificate.getExtension(AuthorityKeyIdentifierExtension)?.keyId ?? '').toUpperCase(),
    certSKI: (certificate.getExtension(SubjectKeyIdentifierExtension)?.keyId ?? '').toUpperCase(),
    certSerial: node.serialNumber,
    certSubjectDN: subject,
    certSubjectDNLegacy: subject,
    certSubjectDNRFC2253: subject,
    certFingerprintSHA1: hashOf('sha1'),
    certFingerprintSHA256: hashOf('sha256'),
    certNotBefore: node.validFrom,
    certNotAfter: node.validTo,
    certRFC9440: `:${node.raw.toString('base64')}:`,
  }
}
