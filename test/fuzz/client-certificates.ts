// The client certificates of the properties: two of one CA, and a self-signed one. Their keys are made anew for each
// run, so the bytes of a counterexample differ, and its changes stay.

import { createHash } from 'node:crypto'
import {
  createCertificateAuthority,
  createSelfSigned,
  type Certified,
} from '../../local/client-certificates/certificates.ts'
import { NOW } from './edges.ts'

export interface ClientCertificates {
  readonly own: Certified
  readonly other: Certified
  readonly selfSigned: Certified
}

/** Valid at the time of the properties. */
const VALIDITY = { notBefore: new Date((NOW - 86_400) * 1000), notAfter: new Date((NOW + 86_400) * 1000) }

export async function createClientCertificates(): Promise<ClientCertificates> {
  const authority = await createCertificateAuthority('Clients')
  const [own, other, selfSigned] = await Promise.all([
    authority.issue('own', VALIDITY),
    authority.issue('other', VALIDITY),
    createSelfSigned('alone', VALIDITY),
  ])
  return { own, other, selfSigned }
}

export const thumbprintOf = (der: Uint8Array): string => createHash('sha256').update(der).digest('base64url')
