// Real client certificates: a CA, certificates that it issues, and self-signed ones. RFC 5280. For the local edges and
// the tests; the keys are made anew each time, and nobody trusts them.

import 'reflect-metadata'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
  type Extension,
  type X509Certificate,
} from '@peculiar/x509'
import { createHash, randomBytes } from 'node:crypto'

/** A certificate and its private key, both as TLS takes them. */
export interface Certified {
  readonly certificate: X509Certificate
  /** PEM. */
  readonly pem: string
  /** PKCS#8 in PEM. */
  readonly key: string
  /** `x5t#S256`: SHA-256 of the DER, in base64url. RFC 8705 section 3.1. */
  readonly thumbprint: string
}

export interface CertificateOptions {
  readonly notBefore?: Date
  readonly notAfter?: Date
  /** Host names and addresses, for a server. Default: a certificate of a client. */
  readonly hosts?: readonly string[]
}

export interface CertificateAuthority extends Certified {
  /** Issues a certificate with its own key. */
  issue(name: string, options?: CertificateOptions): Promise<Certified>
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const DAY_MS = 86_400_000

const pemOf = (label: string, der: Uint8Array): string =>
  `-----BEGIN ${label}-----\n${Buffer.from(der).toString('base64').replaceAll(/.{64}/g, '$&\n').trimEnd()}\n-----END ${label}-----\n`

const createKeys = () => crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])

type Keys = Awaited<ReturnType<typeof createKeys>>

async function toCertified(certificate: X509Certificate, { privateKey }: Keys): Promise<Certified> {
  const der = new Uint8Array(certificate.rawData)
  return {
    certificate,
    pem: pemOf('CERTIFICATE', der),
    key: pemOf('PRIVATE KEY', new Uint8Array(await crypto.subtle.exportKey('pkcs8', privateKey))),
    thumbprint: createHash('sha256').update(der).digest('base64url'),
  }
}

interface Issue {
  readonly name: string
  readonly keys: Keys
  /** Default: the certificate itself. */
  readonly issuer?: { readonly name: string; readonly keys: Keys }
  readonly extensions: readonly Extension[]
  readonly options?: CertificateOptions
}

async function issue({
  name,
  keys,
  issuer = { name, keys },
  extensions,
  options = {},
}: Issue): Promise<Certified> {
  const now = Date.now()
  const certificate = await X509CertificateGenerator.create({
    serialNumber: `01${randomBytes(15).toString('hex')}`,
    subject: `CN=${name}`,
    issuer: `CN=${issuer.name}`,
    notBefore: options.notBefore ?? new Date(now - DAY_MS),
    notAfter: options.notAfter ?? new Date(now + 30 * DAY_MS),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: issuer.keys.privateKey,
    extensions: [
      ...extensions,
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer.keys.publicKey),
    ],
  })
  return toCertified(certificate, keys)
}

const toNames = (hosts: readonly string[]) =>
  hosts.map((value) => ({ type: /^[\d.]+$/.test(value) ? ('ip' as const) : ('dns' as const), value }))

const extensionsOf = ({ hosts }: CertificateOptions): readonly Extension[] => [
  new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
  new ExtendedKeyUsageExtension([
    hosts === undefined ? ExtendedKeyUsage.clientAuth : ExtendedKeyUsage.serverAuth,
  ]),
  ...(hosts === undefined ? [] : [new SubjectAlternativeNameExtension(toNames(hosts))]),
]

/** A CA whose own certificate is self-signed. */
export async function createCertificateAuthority(name: string): Promise<CertificateAuthority> {
  const keys = await createKeys()
  const usage = KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign
  const extensions = [new BasicConstraintsExtension(true, 0, true), new KeyUsagesExtension(usage, true)]
  const own = await issue({ name, keys, extensions })
  return {
    ...own,
    issue: async (subject, options = {}) =>
      issue({
        name: subject,
        keys: await createKeys(),
        issuer: { name, keys },
        extensions: extensionsOf(options),
        options,
      }),
  }
}

/** A certificate that its own key has signed. RFC 8705 section 2.2. */
export const createSelfSigned = async (name: string, options: CertificateOptions = {}): Promise<Certified> =>
  issue({ name, keys: await createKeys(), extensions: extensionsOf(options), options })
