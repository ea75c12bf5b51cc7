// What an edge states about the certificate that a client presented in TLS, to the thumbprint of it. RFC 8705 section
// 3.1. The facts are read for every request, never once for a connection: a resumed one may state another certificate.
// https://developers.cloudflare.com/ssl/client-certificates/client-certificate-variables/
// https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mutual-tls.html

import type { ResolvedMtls } from '../../config/config.ts'
import type { AuthorizationRequest } from '../../decision.ts'
import { failure, type Failure } from '../../failures/failure.ts'
import type { Cryptography } from '../../platform/ports.ts'
import { encodeBase64url } from '../../token/base64url.ts'
import { fromBase64, fromPem } from './certificate-text.ts'
import { readTime } from './certificate-time.ts'

/** The facts under the names of the platform. */
export type CertificateFacts = NonNullable<AuthorizationRequest['clientCertificate']>

export type Sha256 = NonNullable<Cryptography['sha256']>

export type CloudflareRules = Readonly<
  Record<string, (facts: CertificateFacts, context: FactsContext) => Failure | null>
>

/** What the facts are read with. */
export interface FactsContext {
  readonly mtls: Pick<ResolvedMtls, 'trust' | 'issuerSki'>
  readonly nowSeconds: number
  readonly sha256: Sha256
  /** What must hold of the facts of Cloudflare. */
  readonly cloudflareRules: CloudflareRules
}

/** Why a certificate does not count. The names are those in the log. */
export type CertificateProblem =
  | 'not_verified'
  | 'revoked'
  | 'expired'
  | 'issuer'
  | 'fingerprint'
  | 'malformed'
  | 'repeated'

export const refusedFor = (problem: CertificateProblem): Failure =>
  failure('client_certificate_refused', { problem })

export const thumbprintOf = (der: Uint8Array, sha256: Sha256): string => encodeBase64url(sha256(der))

/** The thumbprint of a fingerprint in hexadecimal, in lower case; `null`: it is no SHA-256. */
export function fromHex(text: string): string | null {
  if (!/^[0-9a-f]{64}$/.test(text)) return null
  const bytes = new Uint8Array(32)
  for (let at = 0; at < 32; at++) bytes[at] = Number.parseInt(text.slice(2 * at, 2 * at + 2), 16)
  return encodeBase64url(bytes)
}

/** A long connection outlives the dates that the platform has checked in the handshake. */
function checkTime(notAfter: string | undefined, nowSeconds: number): Failure | null {
  const until = readTime(notAfter)
  return until !== null && nowSeconds <= until ? null : refusedFor('expired')
}

const isVerified = (verdict: string | undefined, trust: ResolvedMtls['trust']): boolean =>
  verdict === 'SUCCESS' || (trust === 'possession' && verdict?.startsWith('FAILED:') === true)

/** Two facts of one certificate must agree. Else the platform is not what it was, and no client is to blame. */
function checkSame(field: string | undefined, thumbprint: string, sha256: Sha256): Failure | null {
  if (field === undefined || field === '') return null
  const der = /^:.*:$/.test(field) ? fromBase64(field.slice(1, -1)) : null
  return der !== null && thumbprintOf(der, sha256) === thumbprint
    ? null
    : failure('request_unrecognised', {
        member: 'clientCertificate.certRFC9440',
        wanted: 'the same certificate',
      })
}

/** @internal `request.cf.tlsClientAuth`. Tests remove one rule at a time. */
export const CLOUDFLARE_RULES: CloudflareRules = {
  presented: ({ certPresented }) => (certPresented === '1' ? null : failure('client_certificate_missing')),
  verified: ({ certVerified }, { mtls }) =>
    isVerified(certVerified, mtls.trust) ? null : refusedFor('not_verified'),
  revoked: ({ certRevoked }) => (certRevoked === '0' ? null : refusedFor('revoked')),
  time: ({ certNotAfter }, { nowSeconds }) => checkTime(certNotAfter, nowSeconds),
  issuer: ({ certIssuerSKI = '' }, { mtls }) =>
    mtls.issuerSki === null || mtls.issuerSki.has(certIssuerSKI.toLowerCase()) ? null : refusedFor('issuer'),
}

function readCloudflare(facts: CertificateFacts, context: FactsContext): string | Failure {
  for (const rule of Object.values(context.cloudflareRules)) {
    const refused = rule(facts, context)
    if (refused !== null) return refused
  }
  const thumbprint = fromHex(facts['certFingerprintSHA256'] ?? '')
  if (thumbprint === null) return refusedFor('fingerprint')
  return checkSame(facts['certRFC9440'], thumbprint, context.sha256) ?? thumbprint
}

/** API Gateway has verified the chain, and the truststore says whose certificates it takes. */
function readApiGateway(facts: CertificateFacts, { nowSeconds, sha256 }: FactsContext): string | Failure {
  const der = fromPem(facts['clientCertPem']!)
  if (der === null) return refusedFor('malformed')
  return checkTime(facts['validity.notAfter'], nowSeconds) ?? thumbprintOf(der, sha256)
}

/** The word of another Worker, which the owner of the account has bound. */
const readFingerprint = ({ sha256: text }: CertificateFacts): string | Failure =>
  fromHex(text!) ?? refusedFor('fingerprint')

/** By the fact that only one platform states. */
const READERS: Readonly<
  Record<string, (facts: CertificateFacts, context: FactsContext) => string | Failure>
> = {
  certPresented: readCloudflare,
  clientCertPem: readApiGateway,
  sha256: readFingerprint,
}

/** The thumbprint of a certificate in base64url, or why it does not count. */
export function readFacts(facts: CertificateFacts, context: FactsContext): string | Failure {
  const stated = Object.keys(READERS).filter((name) => Object.hasOwn(facts, name))
  if (stated.length !== 1)
    return failure('request_unrecognised', {
      member: 'clientCertificate',
      wanted: `one of ${Object.keys(READERS).join(', ')}`,
    })
  const thumbprint = READERS[stated[0]!]!(facts, context)
  // Cloudflare alone states the issuer.
  const isUnknown = context.mtls.issuerSki !== null && stated[0] !== 'certPresented'
  return isUnknown && typeof thumbprint === 'string' ? refusedFor('issuer') : thumbprint
}
