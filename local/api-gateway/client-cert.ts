// The client certificate as API Gateway states it in the member `clientCert` of events (developer guide, "Mutual TLS
// authentication"). The names are AWS's.

import { X509Certificate } from 'node:crypto'

/** What `clientCert` has: the leaf, and members that are read from it. */
export interface ClientCert {
  readonly clientCertPem: string
  readonly subjectDN: string
  readonly issuerDN: string
  readonly serialNumber: string
  readonly validity: { readonly notBefore: string; readonly notAfter: string }
}

/** A distinguished name of node:crypto, which has a line for each part, in one line. */
export const toNameLine = (name: string): string => name.split('\n').toReversed().join(',')

const withColons = (hex: string): string => hex.toLowerCase().match(/../g)!.join(':')

/** `pem`: the certificate that the client presented. */
export function toClientCert(pem: string): ClientCert {
  const certificate = new X509Certificate(pem)
  return {
    clientCertPem: pem,
    subjectDN: toNameLine(certificate.subject),
    issuerDN: toNameLine(certificate.issuer),
    serialNumber: withColons(certificate.serialNumber),
    validity: { notBefore: certificate.validFrom, notAfter: certificate.validTo },
  }
}
